-- How psql shows what comes, and its other commands. \conninfo is left out: it tells whom psql is
-- connected to.
CREATE TABLE shown (id int PRIMARY KEY, label text, amount numeric); INSERT INTO shown VALUES (1, 'one', 1.5), (2, NULL, NULL), (3, E'two\nlines', -3);
\encoding
\timing off
\pset format aligned
TABLE shown ORDER BY id;
\x auto
TABLE shown ORDER BY id;
\x on
TABLE shown ORDER BY id;
\x off
\pset border 2
TABLE shown ORDER BY id;
\pset null '∅'
\pset linestyle unicode
TABLE shown ORDER BY id;
\pset format csv
TABLE shown ORDER BY id;
\pset format html
TABLE shown ORDER BY id;
\pset format latex
TABLE shown ORDER BY id;
\pset format asciidoc
TABLE shown ORDER BY id;
\pset format unaligned
\pset fieldsep '\t'
TABLE shown ORDER BY id;
\t on
TABLE shown ORDER BY id;
\t off
\pset format wrapped
\pset columns 20
TABLE shown ORDER BY id;
\pset format aligned
\a
SELECT 1 AS a, 2 AS b;
\a
\C 'A title'
SELECT 1;
\C
\pset footer off
SELECT 1;
\pset footer on
\H
SELECT 1;
\H
\set v 'it''s'
SELECT :'v', :"v", :{?v}, :{?none};
\if true
SELECT 'in if';
\else
SELECT 'never';
\endif
SELECT count(*) AS n FROM shown \gset p_
\echo :p_n :ROW_COUNT :ERROR :SQLSTATE
SELECT 1 / 0;
\echo :ERROR :SQLSTATE :LAST_ERROR_MESSAGE :LAST_ERROR_SQLSTATE
UPDATE shown SET amount = 1 WHERE id < 3;
\echo :ROW_COUNT
\set ECHO all
SELECT 'echoed';
\set ECHO queries
SELECT 'echoed';
\set ECHO errors
SELECT 'not', nothing;
\set ECHO none
\set ECHO_HIDDEN on
\dt shown
\set ECHO_HIDDEN off
\set SINGLELINE on
SELECT 1
\set SINGLELINE off
SELECT 2;
\p
\r
\qecho said
\warn warned
\o /dev/null
SELECT 'unseen';
\o
SELECT 'a' AS "Ä ö", 'b' AS "c""d";
\g
\gx
SELECT 'format('':%s'', x)' AS t \gexec
\nothing
\d nothing.nothing
\d "Quoted"
\dt no*thing
\copy shown to stdout (format csv, header)
\! echo shell
\lo_import /nowhere/file
\lo_export 1 /nowhere/file
\lo_unlink 1
\unset v
\errverbose
DROP TABLE shown;
