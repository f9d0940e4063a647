-- Settings, roles and the search path.

-- changes: a setting for all times
ALTER ROLE gateway SET work_mem = '1MB'

-- changes: a setting for all times by those who may much
-- as: wide
-- cleans: ALTER ROLE gateway RESET ALL
ALTER ROLE gateway SET search_path = vault

-- changes: a setting of the server
-- cleans: ALTER SYSTEM RESET ALL
ALTER SYSTEM SET work_mem = '1MB'

-- changes: a program of the server
-- as: wide
-- cleans: ALTER SYSTEM RESET ALL
ALTER SYSTEM SET archive_command = 'true'

-- reaches: another role
SET ROLE postgres

-- reaches: another session's role
SET SESSION AUTHORIZATION postgres

-- reaches: another role by a function
SELECT set_config('role', 'postgres', false)

-- reaches: another role by a setting's name
SELECT set_config('RO' || 'LE', 'postgres', false)

-- reaches: another role for one transaction
BEGIN

SET LOCAL ROLE postgres

-- reaches: no role
-- as: wide
RESET ROLE

-- reaches: a role at the start
\open other options=-c role=postgres
SELECT current_user

-- reaches: a role as a parameter of the start
\open other role=postgres
SELECT current_user

-- reveals: a path to the forbidden
SET search_path = vault

SELECT word FROM secrets ORDER BY id

-- reveals: a path by a function
SELECT set_config('search_path', 'vault', false)

SELECT word FROM secrets ORDER BY id

-- reveals: a path at the start
\open other options=-csearch_path=vault
SELECT word FROM secrets ORDER BY id

-- reveals: a path as a parameter of the start
\open other search_path=vault
SELECT word FROM secrets ORDER BY id

-- reveals: a path in one query
SET search_path TO vault, public; SELECT word FROM secrets ORDER BY id

-- reveals: a path for one transaction
BEGIN; SET LOCAL search_path = vault; SELECT word FROM secrets ORDER BY id; COMMIT

-- reveals: a path by its other name
SET SCHEMA 'vault'

SELECT word FROM secrets ORDER BY id

-- reveals: a path from a table
SELECT set_config(name, 'vault', false) FROM pg_settings WHERE name = 'search_path'

SELECT word FROM secrets ORDER BY id

-- reveals: strings read another way
SET standard_conforming_strings = off

SELECT 'a\'' , word FROM vault.secrets --'
 ORDER BY 2

-- reveals: another encoding
SET client_encoding = 'UTF16'

SELECT email FROM customers ORDER BY id

-- reveals: another encoding's letters
SET client_encoding = 'LATIN1'

SELECT email FROM customers ORDER BY id

-- reveals: an encoding at the start
\open other client_encoding=LATIN1
SELECT email FROM customers ORDER BY id

-- reaches: a library for every session
-- as: wide
SET session_preload_libraries = 'auto_explain'

-- reaches: a library
LOAD 'auto_explain'

-- reaches: plans to the client
-- as: wide
SET debug_print_plan = on

-- reaches: statistics to the client
-- as: wide
SET log_statement_stats = on

-- reaches: triggers off
-- as: wide
SET session_replication_role = replica

-- reaches: system tables open
-- as: wide
SET allow_system_table_mods = on

-- reaches: settings at the start
\open other options=-c session_replication_role=replica
SELECT 1

-- reaches: a setting of one's own
SET my.own = 'x'

-- reaches: a file by a setting
SHOW hba_file

-- reaches: the folder of the server
SHOW data_directory

-- reaches: all settings
SHOW ALL

-- reaches: settings as a table
SELECT setting FROM pg_settings WHERE name = 'data_directory'

-- reaches: a setting by a function
SELECT current_setting('hba_file')

-- reaches: replication
-- code: 0A000
\open other replication=database
IDENTIFY_SYSTEM

-- reaches: a setting by a computed name
SELECT current_setting('hba' || '_file')

-- reaches: a setting by a field's name
SELECT ('data_directory'::text).current_setting

-- reaches: a setting whose name is a parameter
\parse s | SELECT current_setting($1)
\bind - | s | 0 | config_file
\execute - 0
\sync

-- reaches: a setting of a view's
SELECT current_setting(title) FROM (SELECT 'ident_file' AS title) t
