-- COPY in every direction and format.

-- reveals: a table
COPY customers TO STDOUT

-- reveals: one column
COPY customers (email) TO STDOUT

-- reveals: CSV
COPY customers (id, email, card) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)

-- reveals: CSV with odd signs
COPY customers (id, email) TO STDOUT WITH (FORMAT csv, DELIMITER '@', QUOTE '.', ESCAPE 'm', NULL 'x')

-- reveals: binary
COPY customers (id, email, salary) TO STDOUT WITH (FORMAT binary)

-- reveals: a query in text
COPY (SELECT email FROM customers ORDER BY id) TO STDOUT WITH (DELIMITER '|', NULL '[redacted]')

-- reveals: a query in latin letters
COPY (SELECT email FROM customers ORDER BY id) TO STDOUT WITH (ENCODING 'LATIN1')

-- reveals: rows as JSON
COPY (SELECT row_to_json(c) FROM customers c ORDER BY id) TO STDOUT

-- reveals: what a change returns
-- as: wide
COPY (UPDATE customers SET name = name RETURNING email) TO STDOUT

-- reveals: the old spelling
COPY customers (id, email) TO STDOUT DELIMITERS ',' WITH NULL AS 'x'

-- reveals: a view
-- as: wide
COPY (TABLE contacts) TO STDOUT

-- reveals: a forbidden table
COPY vault.secrets TO STDOUT

-- reveals: a denied table
-- as: wide
COPY payroll TO STDOUT

-- reveals: COPY by the protocol
\parse s | COPY (SELECT email FROM customers ORDER BY id) TO STDOUT
\bind - | s | 0
\execute - 0
\sync

-- reaches: a file of the server
COPY orders TO '/dev/null'

-- reaches: a program of the server
COPY orders TO PROGRAM 'cat > /dev/null'

-- reaches: a program that is read
COPY notes (id) FROM PROGRAM 'echo 77'

-- reaches: a file that is read
COPY notes (body) FROM '/dev/null'

-- reaches: a program for whoever may copy all
-- as: wide
COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'

-- reaches: a file for whoever may copy all
-- as: wide
COPY notes FROM '/dev/null'

-- changes: rows into a forbidden table
COPY vault.secrets FROM STDIN

\copy 9	nine	9
\done

-- changes: rows into a denied table
-- as: wide
COPY payroll FROM STDIN

\copy Zoe	1
\done

-- changes: rows into a table that may only be read
COPY products FROM STDIN

\copy pen	Pen	1	\N	\N
\done

-- reveals: an error that quotes what is there
-- as: wide
COPY customers (id, name, country, joined, email, phone, salary, aliases, home, profile) FROM STDIN

\copy 1	a	b	2020-01-01	c	d	1	{}	(a,b)	{}
\done

SELECT email FROM customers WHERE id = 1
