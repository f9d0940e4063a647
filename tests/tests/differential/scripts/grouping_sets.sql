-- ROLLUP, CUBE, GROUPING SETS.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT dept_id, boss, count(*), grouping(dept_id, boss) FROM emp GROUP BY ROLLUP (dept_id, boss) ORDER BY 1, 2, 4; SELECT dept_id, count(*) FROM emp GROUP BY CUBE (dept_id) ORDER BY 1; SELECT dept_id, hired > '2020-04-01' AS late, count(*) FROM emp GROUP BY GROUPING SETS ((dept_id), (hired > '2020-04-01'), ()) ORDER BY 1, 2, 3; SELECT count(*) FROM emp GROUP BY (); SELECT DISTINCT count(*) OVER () FROM emp GROUP BY DISTINCT dept_id;
DROP TABLE emp, dept;
