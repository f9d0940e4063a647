-- Questions about masked values whose answer is which rows come, how many, and in which order.

-- reveals: a condition
SELECT id FROM customers WHERE email = 'wren.ashdown@mail.example'

-- reveals: a condition by a pattern
SELECT id FROM customers WHERE email LIKE 'w%'

-- reveals: a condition on a part of JSON
SELECT id FROM customers WHERE profile ->> 'phone' LIKE '%0101'

-- reveals: a condition on a whole row
SELECT id FROM customers c WHERE c::text LIKE '%wren%'

-- reveals: a condition on rows compared
SELECT id FROM customers WHERE (country, email) > ('SE', 'n')

-- reveals: a negated condition
SELECT id FROM customers WHERE NOT (salary < 50000)

-- reveals: a condition on null
SELECT id FROM customers WHERE card IS NULL

-- reveals: between
SELECT id FROM customers WHERE salary BETWEEN 60000 AND 100000

-- reveals: any of a list
SELECT id FROM customers WHERE email = ANY (ARRAY['wren.ashdown@mail.example', 'x'])

-- reveals: any of the elements
SELECT id FROM customers WHERE 'wrenny' = ANY (aliases)

-- reveals: elements contained
SELECT id FROM customers WHERE aliases @> '{osprey}'

-- reveals: a field of a composite
SELECT id FROM customers WHERE (home).city = 'Harrowby'

-- reveals: the order
SELECT id FROM customers ORDER BY email

-- reveals: the order by number
SELECT id, salary FROM customers ORDER BY 2

-- reveals: the order by an alias
SELECT id, phone AS p FROM customers ORDER BY p, id

-- reveals: the order by an expression
SELECT id FROM customers ORDER BY length(email) DESC, id

-- reveals: the order by an operator
SELECT id FROM customers ORDER BY email USING >

-- reveals: the order of an aggregate
SELECT array_agg(id ORDER BY email) FROM customers

-- reveals: the order of a window
SELECT id, row_number() OVER (ORDER BY salary) FROM customers ORDER BY id

-- reveals: parts of a window
SELECT id, count(*) OVER (PARTITION BY phone) FROM customers ORDER BY id

-- reveals: a frame
SELECT id, count(*) OVER (ORDER BY salary RANGE BETWEEN 30000 PRECEDING AND CURRENT ROW) FROM customers ORDER BY id

-- reveals: groups
SELECT count(*) FROM customers GROUP BY salary ORDER BY 1

-- reveals: groups by number
SELECT phone, count(*) FROM customers GROUP BY 1 ORDER BY 2

-- reveals: having
SELECT country FROM customers GROUP BY country HAVING max(salary) > 500000

-- reveals: grouping sets
SELECT count(*) FROM customers GROUP BY GROUPING SETS ((phone), (country)) ORDER BY 1

-- reveals: a cube
SELECT count(*), grouping(phone) FROM customers GROUP BY CUBE (phone) ORDER BY 1, 2

-- reveals: distinct values
SELECT DISTINCT phone FROM customers

-- reveals: distinct on
SELECT DISTINCT ON (salary) id FROM customers ORDER BY salary, id

-- reveals: a count of distinct values
SELECT count(DISTINCT phone) FROM customers

-- reveals: a union without repeats
SELECT phone FROM customers UNION SELECT phone FROM customers

-- reveals: an intersection
SELECT email FROM customers INTERSECT SELECT 'wren.ashdown@mail.example'

-- reveals: what is left
SELECT 'wren.ashdown@mail.example' EXCEPT SELECT email FROM customers

-- reveals: a join
SELECT n FROM numbers JOIN customers ON length(email) = n ORDER BY 1

-- reveals: a join of a table with itself
SELECT a.id, b.id FROM customers a JOIN customers b ON a.phone = b.phone ORDER BY 1, 2

-- reveals: a join by using
SELECT count(*) FROM (SELECT phone FROM customers) a JOIN (SELECT '+44 20 7946 0101'::text AS phone) b USING (phone)

-- reveals: a natural join
SELECT count(*) FROM (SELECT phone FROM customers) a NATURAL JOIN (SELECT '+44 20 7946 0101'::text AS phone) b

-- reveals: whether there is one
SELECT EXISTS (SELECT FROM customers WHERE email LIKE 'wren%')

-- reveals: whether it is among them
SELECT 'wren.ashdown@mail.example' IN (SELECT email FROM customers)

-- reveals: whether all are
SELECT 'b' < ALL (SELECT email FROM customers)

-- reveals: a condition inside a sub-select
SELECT name FROM customers WHERE id = (SELECT id FROM customers WHERE email LIKE 'wren%')

-- reveals: a condition of an outer row
SELECT n FROM numbers WHERE n < 60 AND EXISTS (SELECT FROM customers WHERE ascii(email) = n + 60) ORDER BY 1

-- reveals: a case
SELECT CASE WHEN email LIKE 'w%' THEN 'yes' ELSE 'no' END FROM customers WHERE id = 1

-- reveals: a case of a value
SELECT CASE email WHEN 'wren.ashdown@mail.example' THEN 1 ELSE 2 END FROM customers WHERE id = 1

-- reveals: a case in the order
SELECT id FROM customers ORDER BY CASE WHEN salary > 60000 THEN 0 ELSE 1 END, id

-- reveals: a filter
SELECT count(*) FILTER (WHERE email LIKE 'w%') FROM customers

-- reveals: the limit
SELECT n FROM numbers ORDER BY n LIMIT (SELECT length(email) FROM customers WHERE id = 1)

-- reveals: the offset
SELECT n FROM numbers ORDER BY n OFFSET (SELECT length(email) FROM customers WHERE id = 1)

-- reveals: fetch first with a value
SELECT n FROM numbers ORDER BY n FETCH FIRST (SELECT ascii(email) FROM customers WHERE id = 1) ROWS ONLY

-- reveals: rows of a series
SELECT 1 FROM generate_series(1, (SELECT length(email) FROM customers WHERE id = 1))

-- reveals: a series among the columns
SELECT id, generate_series(1, length(email)) > 0 FROM customers ORDER BY id

-- reveals: rows of parts
SELECT id, 1 FROM customers, regexp_split_to_table(email, '') ORDER BY 1

-- reveals: rows of letters
SELECT id FROM customers, unnest(string_to_array(email, NULL)) ORDER BY 1

-- reveals: rows of matches
SELECT id FROM customers, regexp_matches(email, '[aeiou]', 'g') ORDER BY 1

-- reveals: rows of a sample
SELECT count(*) FROM numbers TABLESAMPLE bernoulli ((SELECT least(100, length(email)) FROM customers WHERE id = 2)) REPEATABLE (1)

-- reveals: a sample repeated by a value
SELECT count(*) FROM numbers TABLESAMPLE bernoulli (50) REPEATABLE ((SELECT length(email) FROM customers WHERE id = 2))

-- reveals: a view
SELECT id FROM contacts WHERE contact LIKE 'w%'

-- reveals: a view of a view
SELECT id FROM contact_list WHERE width = 25

-- reveals: a condition over a common table expression
WITH x AS (SELECT id, email e FROM customers) SELECT id FROM x WHERE e > 'm' ORDER BY id

-- reveals: recursion that ends by a value
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < (SELECT length(email) FROM customers WHERE id = 1)) SELECT count(*) FROM t

-- reveals: a lateral condition
SELECT c.id, l.n FROM customers c, LATERAL (SELECT n FROM numbers WHERE n = length(c.email)) l ORDER BY 1

-- reveals: a parameter against a value
\parse s | SELECT id FROM customers WHERE email > $1 ORDER BY id
\bind - | s | 0 | m
\execute - 0
\sync

-- reveals: how many rows were changed
-- as: wide
UPDATE customers SET name = name WHERE email LIKE 'w%'

-- reveals: how many rows were removed
-- as: agent
DELETE FROM orders USING customers c WHERE c.id = customer_id AND c.salary > 60000

-- reveals: which rows were changed
UPDATE orders SET note = 'x' FROM customers c WHERE c.id = customer_id AND c.email LIKE 'w%' RETURNING orders.id

-- reveals: how many rows were inserted
INSERT INTO notes SELECT n + 1000, 'x' FROM numbers WHERE n < (SELECT length(email) FROM customers WHERE id = 1)

-- reveals: which rows were merged
MERGE INTO notes USING customers c ON notes.id = length(c.email) - 24 WHEN MATCHED THEN UPDATE SET body = 'm' WHEN NOT MATCHED THEN DO NOTHING

-- reveals: a condition of a merge
MERGE INTO notes USING customers c ON notes.id = c.id WHEN MATCHED AND c.salary > 50000 THEN UPDATE SET body = 'm'

-- reveals: a condition of a conflict
INSERT INTO notes (id, body) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET body = 'y' WHERE (SELECT email FROM customers WHERE notes.id = customers.id) LIKE 'w%'

-- reveals: a conflict on a masked column
-- as: wide
INSERT INTO customers SELECT 50, 'Zed', 'SE', '2026-01-01', 'wren.ashdown@mail.example', '1', '2', 3, '{}', '(a,b)', '{}' ON CONFLICT (email) DO NOTHING

-- reveals: rows that COPY takes
-- as: wide
COPY (SELECT id FROM customers WHERE salary > 60000) TO STDOUT
