-- Functions, aggregates, operators, casts.
CREATE FUNCTION add(a int, b int DEFAULT 2) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT a + b'; CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 3) RETURNS int LANGUAGE sql RETURN a + b; SELECT add(1), add(1, 1), add(b => 5, a => 1), add(NULL);
CREATE FUNCTION add(a text, VARIADIC b text[]) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT a || array_to_string(b, '-'); END; SELECT add('x', 'y', 'z'), add('x', VARIADIC ARRAY['q']);
CREATE FUNCTION many(n int) RETURNS TABLE (i int, sq bigint) LANGUAGE sql ROWS 10 AS 'SELECT g, g * g::bigint FROM generate_series(1, n) g'; SELECT * FROM many(3); SELECT many(2); SELECT (many(2)).*; SELECT * FROM ROWS FROM (many(1), generate_series(1, 2)) WITH ORDINALITY;
CREATE FUNCTION outs(IN a int, OUT b int, INOUT c text) LANGUAGE plpgsql AS $$ BEGIN b := a * 2; c := c || '!'; END $$; SELECT * FROM outs(2, 'x'); SELECT outs(2, 'x');
CREATE FUNCTION poly(a anyelement, b anyarray) RETURNS anyarray LANGUAGE sql AS 'SELECT b || a'; SELECT poly(1, ARRAY[2]), poly('a'::text, ARRAY['b']); SELECT poly(1, ARRAY['b']);
CREATE FUNCTION rec() RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, ''x''::text'; SELECT * FROM rec(); SELECT * FROM rec() AS r(a int, b text); SELECT * FROM rec() AS r(a int); SELECT rec();
CREATE FUNCTION plp(n int) RETURNS SETOF int LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP RETURN NEXT i; END LOOP; RETURN QUERY SELECT 100; RETURN; END $$; SELECT plp(2);
CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text, INITCOND = ''); SELECT joined(x) FROM (VALUES ('a'), ('b')) v(x); CREATE OPERATOR @+@ (FUNCTION = add, LEFTARG = int, RIGHTARG = int, COMMUTATOR = @+@); SELECT 1 @+@ 2; SELECT 1 @+@ 'x'::text; CREATE CAST (int AS text) WITH INOUT AS ASSIGNMENT; CREATE TYPE num AS (n int); CREATE FUNCTION to_num(int) RETURNS num LANGUAGE sql AS 'SELECT ROW($1)::num'; CREATE CAST (int AS num) WITH FUNCTION to_num(int) AS IMPLICIT; SELECT 5::num, CAST(6 AS num);
\df add
\df+ plp
\df *many*
\da joined
\do @+@
\dC num
\dT+ num
\sf plp
\sf+ outs
SELECT pg_get_functiondef('outs'::regproc), pg_get_function_arguments('outs'::regproc); ALTER FUNCTION plp(int) STABLE SECURITY DEFINER SET work_mem = '8MB' ROWS 3; ALTER FUNCTION plp(int) RENAME TO plq; COMMENT ON FUNCTION plq(int) IS 'said'; DROP FUNCTION plp(int); DROP FUNCTION add; DROP FUNCTION add(int, int); DROP FUNCTION add(int, int) CASCADE; DROP FUNCTION IF EXISTS nothing(), add(text, text[]); DROP CAST (int AS num); DROP AGGREGATE joined(text); DROP FUNCTION many, outs, poly, rec, plq, to_num; DROP TYPE num;
