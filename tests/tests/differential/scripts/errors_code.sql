-- Errors and notices out of functions: context, hints, user-defined fields.
\set VERBOSITY verbose
\set SHOW_CONTEXT always
CREATE FUNCTION complain(level text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    IF level = 'debug' THEN RAISE DEBUG 'a debug line'; END IF;
    IF level = 'log' THEN RAISE LOG 'a log line'; END IF;
    IF level = 'info' THEN RAISE INFO 'an info line' USING DETAIL = 'more', HINT = 'do'; END IF;
    IF level = 'notice' THEN RAISE NOTICE 'a notice of %', level; END IF;
    IF level = 'warning' THEN RAISE WARNING 'a warning' USING ERRCODE = '01ABC'; END IF;
    IF level = 'error' THEN
        RAISE EXCEPTION 'an error' USING ERRCODE = 'P0007', DETAIL = 'the detail', HINT = 'the hint',
            COLUMN = 'c', CONSTRAINT = 'k', DATATYPE = 'd', TABLE = 't', SCHEMA = 's';
    END IF;
    IF level = 'zero' THEN RETURN 1 / 0; END IF;
    IF level = 'cast' THEN RETURN level::int; END IF;
    IF level = 'assert' THEN ASSERT false, 'asserted'; END IF;
    IF level = 'dynamic' THEN EXECUTE 'SELECT nothing FROM nowhere'; END IF;
    IF level = 'caught' THEN
        BEGIN RAISE EXCEPTION 'inner'; EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'caught % %', SQLSTATE, SQLERRM; END;
    END IF;
    IF level = 'deep' THEN RETURN complain('zero'); END IF;
    IF level = 'none' THEN RETURN NULL; END IF;
    RETURN 1;
END $$;
CREATE FUNCTION no_return() RETURNS int LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE FUNCTION strict_into() RETURNS int LANGUAGE plpgsql AS $$ DECLARE x int; BEGIN SELECT 1 INTO STRICT x FROM generate_series(1, 2); RETURN x; END $$;
CREATE FUNCTION sql_zero(a int) RETURNS int LANGUAGE sql AS 'SELECT 10 / a';
CREATE FUNCTION recursing(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN recursing(n + 1); END $$;
SET client_min_messages = debug1;
SELECT complain('debug');
SELECT complain('log');
SET client_min_messages = notice;
SELECT level, complain(level) FROM unnest(ARRAY['debug', 'info', 'notice', 'warning', 'caught', 'none']) level;
SELECT complain('error');
SELECT complain('zero');
SELECT complain('cast');
SELECT complain('assert');
SELECT complain('dynamic');
SELECT complain('deep');
SELECT no_return();
SELECT strict_into();
SELECT sql_zero(0);
SELECT sql_zero(x) FROM generate_series(2, 0, -1) x;
SET client_min_messages = error;
SELECT complain('warning');
RESET client_min_messages;
\set VERBOSITY terse
SELECT complain('error');
SELECT complain('info');
\set VERBOSITY sqlstate
SELECT complain('error');
SELECT complain('warning');
\set VERBOSITY default
SELECT complain('error');
\errverbose
\set SHOW_CONTEXT never
SELECT complain('deep');
\set SHOW_CONTEXT errors
SELECT complain('deep');
SELECT complain('notice');
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT complain('error');
SELECT 'still there';
COMMIT;
\set ON_ERROR_ROLLBACK off
DO $$ BEGIN RAISE NOTICE 'in do'; RAISE EXCEPTION 'out of do'; END $$;
DO LANGUAGE plpgsql $$ DECLARE r record; BEGIN FOR r IN SELECT generate_series(1, 3) AS g LOOP RAISE NOTICE 'row %', r.g; END LOOP; END $$;
DO LANGUAGE nothing $$ x $$;
CREATE FUNCTION bad() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1 $$;
CREATE FUNCTION bad() RETURNS int LANGUAGE sql AS 'SELECT nothing';
CREATE FUNCTION bad() RETURNS int LANGUAGE sql AS 'SELECT ''a''::text';
CREATE FUNCTION bad() RETURNS trigger LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION bad() RETURNS nothing LANGUAGE sql AS 'SELECT 1';
CREATE TABLE watched (id int, v text);
CREATE FUNCTION watching() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '% % % %', TG_NAME, TG_WHEN, TG_LEVEL, TG_OP;
    IF NEW.v = 'skip' THEN RETURN NULL; END IF;
    IF NEW.v = 'fail' THEN RAISE EXCEPTION 'refused by %', TG_NAME; END IF;
    NEW.v := NEW.v || '!';
    RETURN NEW;
END $$;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE ON watched FOR EACH ROW EXECUTE FUNCTION watching();
INSERT INTO watched VALUES (1, 'a'), (2, 'skip'), (3, 'b') RETURNING *;
INSERT INTO watched VALUES (4, 'a'), (5, 'fail');
UPDATE watched SET v = 'skip';
UPDATE watched SET v = 'z' WHERE id = 1 RETURNING *;
TABLE watched;
CREATE RULE no_delete AS ON DELETE TO watched DO INSTEAD NOTHING;
DELETE FROM watched RETURNING *;
DELETE FROM watched;
CREATE RULE also AS ON INSERT TO watched DO ALSO SELECT 'also' AS said, NEW.id;
INSERT INTO watched VALUES (6, 'c');
DROP TABLE watched CASCADE;
DROP FUNCTION complain, no_return, strict_into, sql_zero, recursing, watching;
