-- MERGE.
CREATE TABLE dept (id int PRIMARY KEY, name text); CREATE TABLE emp (id int PRIMARY KEY, name text, dept_id int, boss int, pay numeric, hired date);
INSERT INTO dept VALUES (1, 'red'), (2, 'blue'), (3, 'empty'); INSERT INTO emp SELECT g, 'e' || g, CASE WHEN g % 7 = 0 THEN NULL ELSE 1 + g % 2 END, NULLIF(g / 3, 0), 1000 + g * 37 % 500, date '2020-01-01' + g * 11 FROM generate_series(1, 21) g;
MERGE INTO dept d USING (VALUES (6, 'six'), (9, 'nine'), (7, NULL)) s(id, name) ON d.id = s.id WHEN MATCHED AND s.name IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.name); TABLE dept ORDER BY id; MERGE INTO dept d USING dept s ON true WHEN MATCHED THEN UPDATE SET name = 'x'; TRUNCATE emp, dept; SELECT count(*) FROM emp;
DROP TABLE emp, dept;
