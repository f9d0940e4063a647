-- The system catalog, statistics, and what others do.

-- reveals: the most common values
SELECT most_common_vals::text, histogram_bounds::text, n_distinct, avg_width FROM pg_stats WHERE tablename = 'customers' ORDER BY attname

-- reveals: the most common values for whoever may browse
-- as: browser
SELECT histogram_bounds::text FROM pg_stats WHERE tablename = 'customers' AND attname = 'email'

-- reveals: statistics as they are stored
-- as: browser
SELECT stavalues1::text FROM pg_statistic WHERE starelid = 'customers'::regclass ORDER BY staattnum

-- reveals: statistics by a function of them
-- as: browser
SELECT s::text FROM pg_stats s WHERE tablename = 'customers' AND attname = 'salary'

-- reveals: statistics as XML
SELECT table_to_xml('pg_catalog.pg_stats', true, false, '') IS NULL, (SELECT string_agg(histogram_bounds::text, ',') FROM pg_stats WHERE tablename = 'customers')

-- reveals: how many rows there were
SELECT reltuples FROM pg_class WHERE oid = 'vault.secrets'::regclass

-- reveals: how many rows there were for whoever may browse
-- as: wide
SELECT reltuples, relpages FROM pg_class WHERE relname = 'payroll'

-- reaches: what others run
SELECT query FROM pg_stat_activity

-- reaches: what others run for whoever may browse
-- as: browser
SELECT pid, query FROM pg_stat_activity

-- reaches: what others run by a function
-- as: browser
SELECT pg_stat_get_backend_activity(1)

-- reaches: who is there
SELECT * FROM pg_stat_get_activity(NULL)

-- reaches: passwords
SELECT rolpassword FROM pg_authid

-- reaches: passwords for whoever may browse
-- as: browser
SELECT passwd FROM pg_shadow

-- reaches: who may log in
SELECT rolname FROM pg_roles

-- reaches: connections of subscriptions
-- as: browser
SELECT subconninfo FROM pg_subscription

-- reaches: options of users elsewhere
-- as: browser
SELECT umoptions FROM pg_user_mappings

-- reveals: options of servers elsewhere
SELECT srvoptions::text FROM pg_foreign_server

-- reveals: a large object's pages
-- as: browser
SELECT data FROM pg_largeobject WHERE loid = 4242

-- reveals: comments
SELECT description FROM pg_description WHERE objoid = 'vault.secrets'::regclass

-- reveals: sources
SELECT prosrc FROM pg_proc WHERE proname = 'word'

-- reveals: definitions of views
SELECT definition FROM pg_views WHERE schemaname = 'vault' AND viewname = 'spoken'

-- reveals: definitions by the standard
SELECT view_definition FROM information_schema.views WHERE table_schema = 'vault' AND table_name = 'spoken'

-- reveals: defaults by the standard
SELECT column_default FROM information_schema.columns WHERE table_schema = 'vault' AND table_name = 'secrets' AND column_name = 'word'

-- reveals: routines by the standard
SELECT routine_definition FROM information_schema.routines WHERE routine_schema = 'vault'

-- reveals: sequences
SELECT last_value FROM pg_sequences WHERE sequencename = 'pins'

-- reaches: names of tables
SELECT relname FROM pg_class WHERE relkind = 'r'

-- reaches: names of columns
SELECT column_name FROM information_schema.columns

-- reaches: rights
SELECT grantee FROM information_schema.table_privileges

-- reaches: rights by a function
SELECT has_table_privilege('vault.secrets', 'SELECT')

-- reaches: whether there is something
SELECT to_regclass('vault.secrets')

-- reaches: whether there is something, by a cast
SELECT 'vault.secrets'::regclass

-- reaches: files of tables
-- as: browser
SELECT pg_relation_filepath('customers')

-- reaches: rules of who comes in
-- as: browser
SELECT * FROM pg_hba_file_rules

-- reaches: the file of settings
-- as: browser
SELECT * FROM pg_file_settings

-- reaches: locks of others
-- as: browser
SELECT * FROM pg_locks

-- reaches: transactions that wait
-- as: browser
SELECT * FROM pg_prepared_xacts

-- reaches: slots
-- as: browser
SELECT * FROM pg_replication_slots

-- reaches: memory of others
-- as: browser
SELECT pg_log_backend_memory_contexts(0)

-- reaches: counters set back
-- as: browser
SELECT pg_stat_reset()

-- reveals: the catalog joined to data
-- as: browser
SELECT c.relname, s.word FROM pg_class c, vault.secrets s WHERE c.relname = 'secrets' ORDER BY 2

-- reveals: pages of a table
-- as: trusting
CREATE EXTENSION pageinspect SCHEMA ext

SELECT t_data FROM ext.heap_page_items(ext.get_raw_page('customers', 0))

-- reveals: a forbidden table
SELECT word FROM vault.secrets ORDER BY id

-- reveals: a forbidden table's rows counted
SELECT count(*) FROM vault.secrets

-- reveals: a denied table
-- as: wide
SELECT employee FROM payroll ORDER BY 1

-- reveals: a denied table by its schema
-- as: wide
SELECT amount FROM public.payroll ORDER BY 1

-- reveals: a denied table in three parts
-- as: trusting
SELECT amount FROM "public"."payroll" ORDER BY 1

-- reveals: a denied table in a sub-select
-- as: wide
SELECT n FROM numbers WHERE n IN (SELECT amount FROM payroll) ORDER BY 1

-- reveals: a denied table in a common table expression
-- as: wide
WITH numbers AS (SELECT amount AS n FROM payroll) SELECT n FROM numbers ORDER BY 1

-- reveals: a denied table that a name hides
-- as: wide
WITH payroll AS (SELECT * FROM public.payroll) SELECT amount FROM payroll ORDER BY 1

-- reveals: a denied table that is deeper
-- as: wide
SELECT (SELECT max(amount) FROM payroll), EXISTS (SELECT FROM payroll WHERE amount = 7000)

-- reveals: a denied table as a row
-- as: wide
SELECT p FROM payroll p ORDER BY 1

-- reveals: a denied table that is locked
-- as: wide
SELECT amount FROM payroll ORDER BY 1 FOR SHARE

-- reveals: a denied table in a view of the caller's own
-- as: wide
CREATE VIEW scratch.p AS SELECT amount FROM payroll; SELECT amount FROM scratch.p ORDER BY 1

-- reveals: a denied table through a set operation
-- as: wide
SELECT n FROM numbers WHERE n < 3 UNION ALL SELECT amount FROM payroll ORDER BY 1

-- reveals: an estimate
EXPLAIN SELECT * FROM vault.secrets

-- reveals: an estimate of widths
EXPLAIN SELECT email FROM customers

-- reveals: an estimate of a row's width
EXPLAIN (FORMAT json) SELECT * FROM customers

-- reveals: rows that were really there
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT 1 FROM customers WHERE email LIKE 'w%'

-- reveals: a constant that was folded
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM customers WHERE name = vault.word()

-- reveals: what a plan says of a function
-- as: wide
EXPLAIN (VERBOSE, COSTS OFF) SELECT vault.word()

-- reveals: an estimate of groups
EXPLAIN SELECT count(*) FROM customers GROUP BY phone

-- reveals: an estimate of a join
EXPLAIN SELECT 1 FROM customers a JOIN customers b USING (phone)

-- reveals: a view's plan
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM vault.spoken
