-- Roles, rights, row security.
CREATE ROLE reader NOLOGIN; CREATE ROLE writer LOGIN PASSWORD 'never told' VALID UNTIL '2030-01-01' CONNECTION LIMIT 3 IN ROLE reader; ALTER ROLE writer SET work_mem = '2MB'; ALTER ROLE writer CREATEDB NOINHERIT; GRANT reader TO writer WITH ADMIN OPTION; COMMENT ON ROLE writer IS 'writes'; CREATE GROUP team; ALTER GROUP team ADD USER writer;
\du+
\drds
CREATE TABLE owned (a int, b text); INSERT INTO owned VALUES (1, 'x'); GRANT SELECT (a), INSERT ON owned TO reader; GRANT ALL ON owned TO writer WITH GRANT OPTION; REVOKE INSERT ON owned FROM reader; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader; GRANT USAGE ON SCHEMA public TO PUBLIC;
\dp owned
\ddp
SET ROLE reader; SELECT current_user, session_user; SELECT a FROM owned; SELECT b FROM owned; SELECT * FROM owned; INSERT INTO owned VALUES (2); CREATE TABLE denied (a int); DROP TABLE owned; SELECT * FROM pg_authid; COPY owned TO '/tmp/x'; RESET ROLE; SELECT current_user;
BEGIN; SET LOCAL ROLE writer; SELECT current_user; INSERT INTO owned VALUES (3, 'w'); ROLLBACK; SELECT current_user; SET SESSION AUTHORIZATION writer; SELECT session_user; RESET SESSION AUTHORIZATION; SET ROLE NONE;
ALTER TABLE owned ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON owned FOR SELECT TO reader USING (a > 5); SET ROLE reader; SELECT a FROM owned; RESET ROLE; REASSIGN OWNED BY writer TO gateway; DROP OWNED BY reader, writer; DROP ROLE reader; DROP TABLE owned; ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM reader; DROP ROLE reader, writer, team; DROP ROLE IF EXISTS reader;
