-- A value or more of every built-in type, as text, as an array, by its functions; one statement for each.
\pset null '(null)'
SELECT format('SELECT %L::%s AS v, NULL::%s AS n, ARRAY[%L, NULL]::%s[] AS a, pg_typeof(%L::%s)', value, type, type, value, type, value, type)
FROM (VALUES ('bool', 't'), ('int2', '-32768'), ('int4', '-2147483648'), ('int8', '-9223372036854775808'), ('float4', '1.5'), ('float4', 'NaN'),
    ('float8', '0.1'), ('float8', '-Infinity'), ('float8', '1e-310'), ('numeric', '12345678901234567890.0987654321'), ('numeric', 'NaN'),
    ('numeric', 'Infinity'), ('numeric(10,2)', '-0.50'), ('money', '-12.30'), ('text', 'Grüße ☃ 𝄞'), ('text', ''), ('varchar', 'v'), ('varchar(9)', 'cut'),
    ('char(4)', 'ab'), ('"char"', 'x'), ('name', 'pg_class'), ('bytea', '\x00ff10'), ('bytea', ''), ('date', '2026-02-28'), ('date', 'infinity'),
    ('date', '0044-03-15 BC'), ('time', '12:34:56.789'), ('time', '24:00'), ('time(2)', '12:34:56.789'), ('timetz', '12:34:56+02'),
    ('timestamp', '2026-02-28 12:34:56.789'), ('timestamp', '-infinity'), ('timestamptz', '2026-02-28 12:34:56+02'), ('timestamptz(0)', '2026-02-28 12:34:56.7+02'),
    ('interval', '1 year -2 mons 3 days 04:05:06.7'), ('interval', '0'), ('interval year to month', '14 months'),
    ('uuid', '123e4567-e89b-12d3-a456-426614174000'), ('json', '{"b": 1,  "a": [null]}'), ('jsonb', '{"b": 1,  "a": [null]}'), ('jsonb', '"\u00e9"'),
    ('jsonpath', '$.a[*] ? (@ > 1)'), ('xml', '<a b="c">1</a>'), ('inet', '192.0.2.1/24'), ('inet', '::1'), ('cidr', '192.0.2.0/24'), ('cidr', '::/0'),
    ('macaddr', '08:00:2b:01:02:03'), ('macaddr8', '08:00:2b:01:02:03:04:05'), ('bit(3)', '101'), ('varbit', '10101'), ('varbit', ''),
    ('point', '(1,2.5)'), ('line', '{1,2,3}'), ('lseg', '[(0,0),(1,1)]'), ('box', '(2,2),(0,0)'), ('path', '[(0,0),(1,1)]'), ('path', '((0,0),(1,1))'),
    ('polygon', '((0,0),(1,1),(1,0))'), ('circle', '<(0,0),2>'), ('tsvector', '''a'':1A ''b'':2,3'), ('tsquery', '''a'' & !''b'' <-> ''c'''),
    ('oid', '4294967295'), ('xid', '7'), ('xid8', '7'), ('cid', '3'), ('tid', '(1,2)'), ('pg_lsn', '16/B374D848'), ('pg_snapshot', '10:20:10,14'),
    ('txid_snapshot', '10:20:10,14'), ('regclass', 'pg_class'), ('regtype', 'integer'), ('regproc', 'now'), ('regprocedure', 'lower(text)'),
    ('regoper', '!~~*'), ('regoperator', '+(integer,integer)'), ('regrole', 'gateway'), ('regnamespace', 'public'), ('regconfig', 'english'),
    ('regdictionary', 'simple'), ('regcollation', '"C"'), ('refcursor', 'cur'), ('aclitem', 'gateway=r/gateway'), ('int2vector', '1 2'), ('oidvector', '1 2'),
    ('int4range', '[1,5)'), ('int4range', 'empty'), ('int8range', '(,5]'), ('numrange', '[1.5,2.5]'), ('tsrange', '[2026-01-01,)'),
    ('tstzrange', '[2026-01-01 00:00+00,2026-02-01 00:00+00)'), ('daterange', '[2026-01-01,2026-01-31]'), ('int4multirange', '{[1,5),[7,9)}'),
    ('nummultirange', '{}'), ('datemultirange', '{[2026-01-01,2026-02-01)}'), ('tsmultirange', '{[2026-01-01,)}'), ('int8multirange', '{(,)}'),
    ('tstzmultirange', '{}')) types(type, value)
\gexec
\x on
SELECT '{{1,2},{3,NULL}}'::int[], '[0:1]={a,b}'::text[], ARRAY[]::int[], '{"a,b","c\"d",NULL,"NULL"}'::text[], ARRAY[ROW(1, 'x')], ARRAY[[ARRAY[1]]];
\x off
SELECT ROW(1, NULL, 'a b', ROW('"q"', '(')), ROW(), ROW(NULL);
SELECT DISTINCT ON (t.typcategory) t.typcategory, typname, typlen, typalign FROM pg_type t WHERE typnamespace = 'pg_catalog'::regnamespace ORDER BY 1, 2;
SET datestyle = 'German, DMY'; SELECT date '2026-02-28', timestamp '2026-02-28 01:02:03';
SET datestyle = 'SQL, MDY'; SELECT date '2026-02-28', timestamptz '2026-02-28 01:02:03+00';
SET datestyle = 'Postgres'; SELECT timestamp '2026-02-28 01:02:03';
RESET datestyle;
SET intervalstyle = 'iso_8601'; SELECT interval '1 year 2 days 3:04'; SET intervalstyle = 'sql_standard'; SELECT interval '1 year 2 days 3:04';
SET intervalstyle = 'postgres_verbose'; SELECT interval '-1 year 2 days 3:04'; RESET intervalstyle;
SET bytea_output = 'escape'; SELECT '\x0041ff5c'::bytea; RESET bytea_output;
SET extra_float_digits = 0; SELECT 0.1::float8 + 0.2, 1 / 3.0::float4; SET extra_float_digits = 3; SELECT 0.1::float8 + 0.2; RESET extra_float_digits;
SET timezone = 'Asia/Kathmandu'; SELECT timestamptz '2026-02-28 12:00+00'; SET timezone = '-3'; SELECT timestamptz '2026-02-28 12:00+00'; RESET timezone;
SET lc_monetary = 'C'; SELECT 1234.5::money;
SET xmloption = document; SELECT '<a/>'::xml, 'a'::xml; RESET xmloption;
SET standard_conforming_strings = on; SELECT 'a\nb'; SET escape_string_warning = off; RESET ALL;
SET client_encoding = 'UTF8'; SHOW client_encoding; SELECT 'é', length('é'), octet_length('é');
