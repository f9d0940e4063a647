-- COPY in both directions, in every format, and how it fails.
\set VERBOSITY verbose
CREATE TABLE copied (id int, label text, made date DEFAULT '2026-01-01', CONSTRAINT low CHECK (id < 100));
COPY copied FROM STDIN;
1	one	2026-02-03
2	\N	\N
3	tab\there\\ and\nnewline	infinity
\.
COPY copied (id, label) FROM STDIN WITH (FORMAT csv, HEADER, NULL 'none', DELIMITER ';', QUOTE '''');
id;label
4;'a;b'
5;none
6;'two
lines'
\.
COPY copied (id, label) FROM STDIN CSV FORCE NOT NULL label;
7,
8,"q""q"
\.
COPY copied TO STDOUT;
COPY copied TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *);
COPY copied (label, id) TO STDOUT WITH (FORMAT csv, DELIMITER '|', NULL '(null)', ENCODING 'UTF8');
COPY (SELECT id, upper(label) AS l FROM copied ORDER BY id DESC LIMIT 2) TO STDOUT WITH (HEADER);
COPY (VALUES (1, 'a'), (2, 'b')) TO STDOUT DELIMITER ',';
COPY (DELETE FROM copied WHERE id = 8 RETURNING *) TO STDOUT;
COPY (SELECT 1 WHERE false) TO STDOUT;
COPY (SELECT) TO STDOUT;
COPY (SELECT g, repeat('x', 50) FROM generate_series(1, 300) g) TO STDOUT;
COPY copied FROM STDIN WHERE id > 50;
40	skipped	\N
60	kept	\N
\.
SELECT id, label FROM copied ORDER BY id;
COPY copied FROM STDIN;
x	bad	\N
\.
COPY copied FROM STDIN;
9	short
\.
COPY copied FROM STDIN;
9	long	2026-01-01	more
\.
COPY copied FROM STDIN;
500	checked	\N
\.
COPY copied FROM STDIN;
9	x	2026-99-99
\.
COPY copied FROM STDIN CSV;
9,"open
\.
COPY copied FROM STDIN;
\.
COPY nothing FROM STDIN;
1	these are no rows
\.
COPY copied (nothing) FROM STDIN;
COPY copied FROM STDIN (FORMAT nothing);
COPY copied FROM STDIN (DELIMITER 'ab');
COPY copied FROM STDIN (FORMAT csv, FREEZE);
\.
COPY copied TO STDOUT (FORMAT binary, DELIMITER ',');
COPY (SELECT 1 / (id - 3) FROM copied ORDER BY id) TO STDOUT;
COPY (SELECT 1; SELECT 2) TO STDOUT;
COPY (UPDATE copied SET label = 'x') TO STDOUT;
COPY copied FROM '/nowhere/file';
COPY copied TO '/nowhere/file';
COPY (SELECT 1) TO PROGRAM 'false';
\copy copied to stdout
\copy copied (id) to stdout csv header
\copy (select id from copied where id < 3 order by 1) to stdout with (format csv)
\copy copied from stdin
70	by psql	\N
\.
\copy copied from '/nowhere/file'
\copy nothing to stdout
\copy copied from program 'printf "71\\tprogram\\t\\\\N\\n"'
\copy copied to program 'sort | tail -n 2 >&2'
\copy (select id, label from copied order by id) to program 'cat -A >&2' with (format binary)
BEGIN;
COPY copied FROM STDIN;
bad
\.
COPY copied TO STDOUT;
ROLLBACK;
BEGIN;
COPY copied (id) FROM STDIN;
72
73
\.
SELECT count(*) FROM copied;
ROLLBACK;
COPY copied (id) TO STDOUT\; SELECT 'behind';
SELECT 'before'\; COPY (SELECT 2) TO STDOUT\; SELECT 'behind';
CREATE TABLE every (a bool, b bytea, c numeric, d float8, e text[], f jsonb, g timestamptz, h point, i int4range, j xml, k uuid, l interval);
INSERT INTO every VALUES (true, '\x00ff', 1.50, 'NaN', '{a,"b c",NULL}', '{"k": [1]}', '2026-01-01 00:00+00', '(1,2)', '[1,5)', '<a/>',
    '00000000-0000-0000-0000-000000000001', '1 day'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
COPY every TO STDOUT;
COPY every TO STDOUT CSV;
\copy every to program 'md5sum >&2' with (format binary)
\copy every to program 'cat >"$COPIED"' with (format binary)
\copy every from program 'cat "$COPIED"' with (format binary)
SELECT count(*), count(a) FROM every;
DROP TABLE copied, every;
