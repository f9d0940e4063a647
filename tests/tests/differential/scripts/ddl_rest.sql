-- Extensions, text search, foreign data, large objects, what belongs to the whole server.
CREATE EXTENSION IF NOT EXISTS pg_trgm; SELECT similarity('word', 'words'), 'word' % 'words', show_trgm('ab'); CREATE EXTENSION pg_trgm; CREATE EXTENSION nothing; ALTER EXTENSION pg_trgm SET SCHEMA public;
\dx pg_trgm
DROP EXTENSION pg_trgm; CREATE COLLATION digits (provider = icu, locale = 'en-u-kn'); SELECT 'a10' < 'a9' COLLATE digits; DROP COLLATION digits; CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple); SELECT to_tsvector('plain', 'Running'); ALTER TEXT SEARCH CONFIGURATION plain ALTER MAPPING FOR asciiword WITH english_stem; SELECT to_tsvector('plain', 'Running');
\dF plain
DROP TEXT SEARCH CONFIGURATION plain; CREATE PUBLICATION pub FOR ALL TABLES; ALTER PUBLICATION pub SET (publish = 'insert');
\dRp pub
DROP PUBLICATION pub; CREATE FOREIGN DATA WRAPPER wrap OPTIONS (o 'v'); CREATE SERVER there FOREIGN DATA WRAPPER wrap; CREATE USER MAPPING FOR gateway SERVER there OPTIONS (password 'x'); CREATE FOREIGN TABLE far (a int) SERVER there; SELECT * FROM far;
\dew
\des
\det
DROP SERVER there; DROP SERVER there CASCADE; DROP FOREIGN DATA WRAPPER wrap; SELECT lo_create(777), lo_put(777, 0, '\x0102'), lo_get(777); COMMENT ON LARGE OBJECT 777 IS 'lo'; SELECT lo_from_bytea(778, '\xff'), lo_unlink(778); SELECT lo_unlink(777); SELECT lo_get(777);
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; DROP ACCESS METHOD heap2; CREATE OPERATOR FAMILY fam USING btree; DROP OPERATOR FAMILY fam USING btree; CREATE TABLESPACE nowhere LOCATION '/nowhere'; CREATE DATABASE scripts; ALTER DATABASE scripts SET work_mem = '4MB'; ALTER DATABASE scripts RESET ALL; DROP DATABASE nothing; DROP DATABASE scripts; COMMENT ON DATABASE scripts IS 'here'; SECURITY LABEL ON TABLE pg_class IS 'x'; ALTER SYSTEM SET nothing = 1; CHECKPOINT; REINDEX (VERBOSE false) SYSTEM nothing; LOAD 'nothing'; IMPORT FOREIGN SCHEMA x FROM SERVER nothing INTO public; CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false, slot_name = NONE); DROP SUBSCRIPTION s;
