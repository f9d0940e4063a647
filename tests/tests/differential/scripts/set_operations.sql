-- UNION and its like, ORDER BY, LIMIT.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
SELECT id FROM emp WHERE dept_id = 1 UNION SELECT id FROM emp WHERE id < 4 ORDER BY 1; SELECT 1 UNION ALL SELECT 1; (SELECT 1 EXCEPT SELECT 2) INTERSECT ALL SELECT 1; SELECT id FROM emp ORDER BY pay DESC NULLS LAST, id OFFSET 2 ROWS FETCH FIRST 3 ROWS ONLY; SELECT boss FROM emp ORDER BY 1 FETCH FIRST 2 ROWS WITH TIES; SELECT id FROM emp ORDER BY id LIMIT NULL OFFSET 19; SELECT id FROM emp LIMIT 0; SELECT id FROM emp LIMIT -1; SELECT name FROM emp ORDER BY id USING > LIMIT 2;
DROP TABLE emp, dept;
