-- Masked values by other names and in other shapes.

-- reveals: the column itself
SELECT id, email FROM customers ORDER BY id

-- reveals: every column of a star
SELECT * FROM customers ORDER BY id

-- reveals: a table without SELECT
TABLE customers

-- reveals: columns renamed by an alias of the table
SELECT e FROM customers AS c(a, b, c, d, e) ORDER BY a

-- reveals: a whole row as text
SELECT c::text FROM customers c

-- reveals: a whole row by the name of the table
SELECT customers FROM customers

-- reveals: a star as a row, as text
SELECT (c.*)::text FROM customers c

-- reveals: a field of a row
SELECT (c).email FROM customers c

-- reveals: a column as if it were a function
SELECT email(c) FROM customers c

-- reveals: a row as JSON
SELECT row_to_json(c) FROM customers c

-- reveals: a row as jsonb
SELECT to_jsonb(c) -> 'email' FROM customers c

-- reveals: all rows as JSON
SELECT json_agg(c) FROM customers c

-- reveals: values gathered in an array
SELECT array_agg(email) FROM customers

-- reveals: an element of a gathered array
SELECT (array_agg(email ORDER BY id))[1] FROM customers

-- reveals: a slice of a gathered array
SELECT (array_agg(email ORDER BY id))[1:2] FROM customers

-- reveals: values gathered in a text
SELECT string_agg(email, ';' ORDER BY id) FROM customers

-- reveals: a key and a value as an object
SELECT json_object_agg(id, card) FROM customers

-- reveals: an hstore of a row
SELECT hstore(c) -> 'phone' FROM customers c

-- reveals: elements of XML
SELECT xmlforest(email, card) FROM customers

-- reveals: an XML element with attributes
SELECT xmlelement(name c, xmlattributes(phone AS p), email) FROM customers

-- reveals: all rows as XML
SELECT xmlagg(xmlelement(name e, email) ORDER BY id) FROM customers

-- reveals: format
SELECT format('%s is %2$s', name, email) FROM customers

-- reveals: concatenation
SELECT 'mail:' || email FROM customers

-- reveals: concat_ws
SELECT concat_ws('-', id, card, phone) FROM customers

-- reveals: quotes
SELECT quote_literal(email), quote_nullable(phone), quote_ident(card) FROM customers

-- reveals: bytes
SELECT convert_to(email, 'UTF8') FROM customers

-- reveals: hexadecimal
SELECT encode(email::bytea, 'hex') FROM customers

-- reveals: base64
SELECT encode(convert_to(card, 'UTF8'), 'base64') FROM customers

-- reveals: a digest
SELECT md5(email) FROM customers

-- reveals: a hash number
SELECT hashtext(email) FROM customers

-- reveals: a long digest
SELECT sha256(email::bytea) FROM customers

-- reveals: the length
SELECT length(email), octet_length(email), bit_length(email), char_length(email) FROM customers

-- reveals: the size as it is stored
SELECT pg_column_size(email) FROM customers

-- reveals: one letter
SELECT substring(email from 1 for 1) FROM customers

-- reveals: the code of a letter
SELECT ascii(email) FROM customers

-- reveals: a part found by a pattern
SELECT regexp_match(email, '@(.*)$') FROM customers

-- reveals: a part replaced
SELECT regexp_replace(email, '@', ' at ') FROM customers

-- reveals: upside down
SELECT reverse(email) FROM customers

-- reveals: letters for others
SELECT translate(email, 'abcdef', 'uvwxyz') FROM customers

-- reveals: how alike
SELECT similarity(email, 'wren@mail.example') FROM customers

-- reveals: how far
SELECT levenshtein(email, 'wren@mail.example') FROM customers

-- reveals: how it sounds
SELECT soundex(email), metaphone(email, 4) FROM customers

-- reveals: trigrams
SELECT show_trgm(email) FROM customers

-- reveals: words
SELECT to_tsvector('simple', email) FROM customers

-- reveals: a headline
SELECT ts_headline('simple', email, 'mail'::tsquery) FROM customers

-- reveals: one of two
SELECT coalesce(email, name) FROM customers

-- reveals: the greatest
SELECT greatest(email, 'a') FROM customers

-- reveals: nothing if alike
SELECT nullif(email, 'x') FROM customers

-- reveals: whether it is unlike
SELECT email IS DISTINCT FROM 'wren.ashdown@mail.example' FROM customers

-- reveals: a comparison as a column
SELECT id, email > 'm' FROM customers

-- reveals: one of a list as a column
SELECT id, email IN ('wren.ashdown@mail.example', 'x') FROM customers

-- reveals: rows compared
SELECT (id, email) < (1, 'm') FROM customers

-- reveals: a pattern as a column
SELECT email LIKE 'w%', email ~ '^[a-m]', email SIMILAR TO '%example' FROM customers

-- reveals: whether there is one
SELECT id, card IS NULL FROM customers

-- reveals: a sum
SELECT sum(salary) FROM customers

-- reveals: an average of some
SELECT avg(salary) FILTER (WHERE id = 1) FROM customers

-- reveals: the smallest
SELECT min(email), max(phone) FROM customers

-- reveals: a median
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY salary) FROM customers

-- reveals: the most frequent
SELECT mode() WITHIN GROUP (ORDER BY phone) FROM customers

-- reveals: where it would stand
SELECT rank('m') WITHIN GROUP (ORDER BY email) FROM customers

-- reveals: the row before
SELECT lag(email) OVER (ORDER BY id) FROM customers

-- reveals: the first of a window
SELECT first_value(card) OVER w FROM customers WINDOW w AS (PARTITION BY country ORDER BY id)

-- reveals: a running sum
SELECT sum(salary) OVER (ORDER BY id) FROM customers

-- reveals: regression
SELECT corr(salary, id), regr_slope(salary, id), var_pop(salary) FROM customers

-- reveals: a sub-select as a column
SELECT (SELECT email FROM customers WHERE id = n) FROM numbers WHERE n < 5

-- reveals: a correlated sub-select
SELECT o.id, (SELECT c.email FROM customers c WHERE c.id = o.customer_id) FROM orders o ORDER BY 1

-- reveals: a sub-select in FROM
SELECT x FROM (SELECT email AS x FROM customers ORDER BY id) s

-- reveals: a sub-select renamed twice
SELECT b FROM (SELECT a AS b FROM (SELECT email AS a FROM customers ORDER BY id) s) t

-- reveals: a lateral join
SELECT l.x FROM orders o, LATERAL (SELECT email AS x FROM customers WHERE id = o.customer_id) l ORDER BY o.id

-- reveals: an array of a sub-select
SELECT ARRAY(SELECT email FROM customers ORDER BY id)

-- reveals: an array made by hand
SELECT ARRAY[email, card] FROM customers

-- reveals: a row made by hand
SELECT ROW(id, email) FROM customers

-- reveals: a field of a row made by hand
SELECT (ROW(id, email)).f2 FROM customers

-- reveals: values of a row
SELECT v FROM customers, LATERAL (VALUES (email), (card)) AS t(v) ORDER BY id, 1

-- reveals: a common table expression
WITH x AS (SELECT id, email e FROM customers) SELECT e FROM x ORDER BY id

-- reveals: a materialized common table expression with names
WITH x(a, b) AS MATERIALIZED (SELECT id, email FROM customers) SELECT b FROM x ORDER BY a

-- reveals: recursion
WITH RECURSIVE t(n, e) AS (SELECT 1, (SELECT email FROM customers WHERE id = 1) UNION ALL SELECT n + 1, e FROM t WHERE n < 3) SELECT e FROM t

-- reveals: recursion letter by letter
WITH RECURSIVE t(n, c) AS (SELECT 1, substr((SELECT card FROM customers WHERE id = 2), 1, 1) UNION ALL SELECT n + 1, substr((SELECT card FROM customers WHERE id = 2), n + 1, 1) FROM t WHERE n < 19) SELECT string_agg(c, '' ORDER BY n) FROM t

-- reveals: recursion in breadth
WITH RECURSIVE t(id, e) AS (SELECT id, email FROM customers WHERE id = 1 UNION ALL SELECT c.id, c.email FROM customers c JOIN t ON c.id = t.id + 1) SEARCH BREADTH FIRST BY id SET o CYCLE id SET is_cycle USING path SELECT e FROM t ORDER BY id

-- reveals: a union
SELECT name FROM customers WHERE id = 1 UNION ALL SELECT email FROM customers WHERE id = 1

-- reveals: a union under another name
SELECT word AS w FROM numbers WHERE n < 3 UNION ALL (SELECT email FROM customers ORDER BY id)

-- reveals: the second side of three
SELECT 'a' AS x UNION ALL SELECT card FROM customers WHERE id = 2 UNION ALL SELECT 'b'

-- reveals: a view
SELECT contact FROM contacts ORDER BY id

-- reveals: a view of a view
SELECT reach, width FROM contact_list ORDER BY id

-- reveals: a view of documents
SELECT doc FROM documents ORDER BY id

-- reveals: a member of a document of a view
SELECT doc ->> 'email' FROM documents ORDER BY id

-- reveals: a view that keeps its rows safe
SELECT initial FROM initials ORDER BY id

-- reveals: a view of a union
SELECT reach FROM everybody ORDER BY name

-- reveals: a view as a row
SELECT contacts::text FROM contacts

-- reveals: elements of an array
SELECT unnest(aliases) FROM customers WHERE id = 1

-- reveals: an element of an array
SELECT aliases[1] FROM customers ORDER BY id

-- reveals: a field of a composite
SELECT (home).city FROM customers ORDER BY id

-- reveals: every field of a composite
SELECT (home).* FROM customers ORDER BY id

-- reveals: an array as a text
SELECT array_to_string(aliases, ','), cardinality(aliases) FROM customers ORDER BY id

-- reveals: a type that tells its value
SELECT '[1,5]'::int4range @> (salary / 20000)::int FROM customers ORDER BY id

-- reveals: a range of values
SELECT numrange(0, salary) FROM customers ORDER BY id

-- reveals: a date made of a value
SELECT date '2020-01-01' + (salary / 100)::int FROM customers ORDER BY id

-- reveals: formatted numbers
SELECT to_char(salary, '999G999D99'), trunc(salary / 1000), width_bucket(salary, 0, 100000, 10) FROM customers ORDER BY id

-- reveals: a cast and back
SELECT email::varchar(3), card::char(4), phone::name FROM customers ORDER BY id

-- reveals: a cast through bytes
SELECT get_byte(email::bytea, 0) FROM customers ORDER BY id

-- reveals: a column of a using join
SELECT email FROM customers JOIN contacts USING (id, name) ORDER BY id

-- reveals: a column of a natural join
SELECT contact FROM customers NATURAL JOIN contacts ORDER BY id

-- reveals: an outer join
SELECT c.phone FROM numbers LEFT JOIN customers c ON c.id = n WHERE n < 6 ORDER BY n

-- reveals: an alias of a join
SELECT j.email FROM (customers JOIN orders ON orders.customer_id = customers.id) AS j(id, name, country, joined, email) ORDER BY 1

-- reveals: a partition
SELECT payload ->> 'token' FROM events_2025

-- reveals: the table of partitions
SELECT payload FROM events ORDER BY id

-- reveals: all partitions as rows
SELECT e::text FROM events e ORDER BY id

-- reveals: grouping sets of nothing
SELECT count(*), max(email) FROM customers GROUP BY GROUPING SETS ((country), ()) ORDER BY 1, 2

-- reveals: a multirange
SELECT range_agg(numrange(0, salary)) FROM customers

-- reveals: bits
SELECT bit_or(ascii(email)), bit_xor(ascii(email)), bool_or(email < 'b') FROM customers

-- reveals: a statement with parameters
\parse s | SELECT email FROM customers WHERE id = $1
\bind - | s | 0 | 1
\execute - 0
\sync

-- reveals: binary results
\parse s | SELECT email, salary, aliases, home FROM customers WHERE id = $1
\bind - | s | 1 | 2
\describe P -
\execute - 0
\sync

-- reveals: a view that ranks
SELECT id, place FROM ranked ORDER BY id

-- reveals: a view that ranks by a window's name
SELECT id, place FROM ranked_by_name ORDER BY id

-- reveals: a view that asks
SELECT n, hit FROM marked ORDER BY n

-- reveals: a view that counts and orders
SELECT rich, ids FROM counted

-- reveals: nothing where it is what was asked
SELECT nullif((email LIKE 'w%')::text, 'true') FROM customers WHERE id = 1

-- reveals: whether a letter is there
SELECT nullif(position('w' in email), 0)::text FROM customers WHERE id = 1

-- reveals: a part that is null
SELECT (regexp_match(email, '^w'))[1], substring(email from '^w.*') FROM customers WHERE id = 1
