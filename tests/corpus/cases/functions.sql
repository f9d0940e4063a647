-- Functions, operators and casts that do more than compute.

-- reveals: a query given as text
SELECT query_to_xml('SELECT * FROM vault.secrets', true, false, '')

-- reveals: a query given as text, of a masked column
-- as: trusting
SELECT query_to_xml('SELECT email FROM public.customers ORDER BY id', true, false, '')

-- reveals: a query and its schema
SELECT query_to_xml_and_xmlschema('SELECT word FROM vault.secrets', true, false, '')

-- reveals: a table as XML
SELECT table_to_xml('vault.secrets', true, false, '')

-- reveals: a masked table as XML
-- as: trusting
SELECT table_to_xml('public.customers', true, false, '')

-- reveals: a schema as XML
SELECT schema_to_xml('vault', true, false, '')

-- reveals: a cursor as XML
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id

SELECT cursor_to_xml('c', 10, true, false, '')

-- reveals: a cursor as XML for whoever may call it
-- as: trusting
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id

SELECT cursor_to_xml('c', 10, true, false, '')

-- reveals: statistics of words of a query
SELECT word FROM ts_stat('SELECT to_tsvector(''simple'', word) FROM vault.secrets') ORDER BY 1

-- reveals: statistics of words of a masked column
-- as: trusting
SELECT string_agg(word, ' ') FROM ts_stat('SELECT to_tsvector(''simple'', email) FROM public.customers')

-- reveals: a query rewritten by a query
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, plainto_tsquery(''simple'', word) FROM vault.secrets WHERE id = 1')

-- reveals: a tree of a query
SELECT * FROM ext.connectby('vault.secrets', 'pin', 'id', '1', 2) AS t(a int, b int, l int)

-- reveals: a table turned by a query
SELECT * FROM ext.crosstab('SELECT 1, 1, word FROM vault.secrets ORDER BY id') AS t(a int, b text)

-- reveals: a function of one's own
-- as: wide
SELECT email_of(1)

-- reveals: a function of one's own in FROM
-- as: wide
SELECT * FROM email_of(1)

-- reveals: a row of a function
-- as: wide
SELECT (customer_of(1)).email

-- reveals: a row of a function in FROM
-- as: wide
SELECT email FROM customer_of(2)

-- reveals: rows of a function
-- as: wide
SELECT id, phone FROM all_customers()

-- reveals: a function of a row
-- as: wide
SELECT reach(c) FROM customers c ORDER BY id

-- reveals: a function of a row as a column
-- as: wide
SELECT c.reach FROM customers c ORDER BY id

-- reveals: a function that shouts what it is given
-- as: wide
SELECT shout(email) FROM customers ORDER BY id

-- reveals: a function that runs what it is given
-- as: wide
SELECT runs('SELECT word FROM vault.secrets WHERE id = 1')

-- reveals: a function that tells what it is given
-- as: wide
SELECT says(email) FROM customers ORDER BY id

-- reveals: a function that fails with what it is given
-- as: wide
SELECT fails(email) FROM customers ORDER BY id

-- reveals: a procedure
-- as: wide
CALL tells(1, NULL)

-- reveals: a namesake of a function of the server
SELECT initcap(name::varchar) FROM customers WHERE id = 1

-- reveals: an operator of one's own
SELECT 'a'::text |+| 'b'::text

-- reveals: an operator with its schema
SELECT 'a'::text OPERATOR(public.|+|) 'b'::text

-- reveals: a cast of one's own
SELECT '(a,b)'::address::inet

-- reveals: a cast of one's own in full
SELECT host(CAST(ROW('a', 'b')::public.address AS pg_catalog.inet))

-- reveals: an aggregate of one's own
SELECT gathered(n) FROM numbers WHERE n = 1

-- reveals: a domain that tells what it is given
SELECT email::noisy FROM customers ORDER BY id

-- reveals: a sequence's value
SELECT last_value FROM vault.pins

-- reveals: a sequence's state by a function
SELECT pg_sequence_last_value('vault.pins'::regclass)

-- reveals: the next value of a sequence
SELECT nextval('vault.pins')

-- changes: a sequence set
SELECT setval('vault.pins', 1)

-- changes: a sequence set by its number
SELECT setval('vault.pins'::regclass, 5)

-- reaches: a file of the server
SELECT pg_read_file('PG_VERSION')

-- reaches: a file in bytes
SELECT pg_read_binary_file('PG_VERSION')

-- reaches: a folder of the server
SELECT pg_ls_dir('.')

-- reaches: a file's size
SELECT * FROM pg_stat_file('PG_VERSION')

-- reaches: the logs of the server
SELECT pg_ls_waldir()

-- reaches: waiting
SELECT pg_sleep(0.01)

-- reaches: waiting in the planner's reach
SELECT 1 WHERE pg_sleep(0.01) IS NULL

-- reaches: ending another
SELECT pg_terminate_backend(0)

-- reaches: cancelling another
SELECT pg_cancel_backend(0)

-- reaches: a lock that others see
SELECT pg_advisory_lock(1)

-- reaches: a snapshot for others
BEGIN; SELECT pg_export_snapshot()

-- reaches: the configuration read again
SELECT pg_reload_conf()

-- reaches: a message in the log of changes
SELECT pg_logical_emit_message(false, 'a', 'b')

-- reaches: the server's own connection
SELECT * FROM ext.dblink('host=127.0.0.1 dbname=postgres user=gateway port=' || current_setting('port'), 'SELECT 1') AS t(x int)

-- reaches: functions by their number
SELECT fn.x FROM (SELECT pg_get_keywords() AS x LIMIT 1) fn, pg_current_logfile() l

-- reaches: settings of the file
SELECT pg_show_all_file_settings()

-- reaches: rules of who comes in
SELECT pg_hba_file_rules()

-- reaches: how a row is stored
SELECT pg_relation_filepath('vault.secrets')

-- reveals: how large a table is
SELECT pg_relation_size('vault.secrets') > 0, pg_total_relation_size('vault.secrets'), (SELECT obj_description('vault.secrets'::regclass))

-- reveals: a table's comment
SELECT obj_description('vault.secrets'::regclass, 'pg_class')

-- reveals: a function's source
SELECT pg_get_functiondef('vault.word'::regproc)

-- reveals: a view's source
SELECT pg_get_viewdef('vault.spoken'::regclass)

-- reveals: a column's default
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'vault.secrets'::regclass

-- reveals: a cast to a type that looks names up
SELECT 'vault.word'::regproc, (SELECT prosrc FROM pg_proc WHERE oid = 'vault.word'::regproc)

-- reaches: a call by the protocol
\call 3826 PG_VERSION
