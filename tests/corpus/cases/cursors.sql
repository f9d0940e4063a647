-- Cursors and portals: what was decided at their birth holds whoever reads them, however.

-- reveals: a cursor
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id

FETCH ALL FROM c

-- reveals: a cursor in one query
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id; FETCH 1 FROM c; FETCH NEXT FROM c; COMMIT

-- reveals: a cursor read backwards
BEGIN; DECLARE c SCROLL CURSOR FOR SELECT card FROM customers ORDER BY id; FETCH LAST FROM c; FETCH PRIOR FROM c; FETCH ABSOLUTE 1 FROM c; FETCH RELATIVE 1 FROM c

-- reveals: a cursor that outlives its transaction
DECLARE c CURSOR WITH HOLD FOR SELECT email FROM customers ORDER BY id

FETCH 2 FROM c

-- reveals: a cursor in binary
BEGIN; DECLARE c BINARY CURSOR FOR SELECT salary, email FROM customers ORDER BY id; FETCH ALL FROM c

-- reveals: a cursor read by the protocol
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id

\describe P c
\execute c 0
\sync

-- reveals: a cursor read by a prepared FETCH
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id

\parse f | FETCH 1 FROM c
\bind - | f | 1
\execute - 0
\bind - | f | 1
\execute - 0
\sync

-- reveals: a portal read by SQL
BEGIN

\parse s | SELECT phone FROM customers ORDER BY id
\bind p | s | 0
\query FETCH 2 FROM p
\sync

-- reveals: a portal read in parts
BEGIN

\parse s | SELECT email FROM customers ORDER BY id
\bind p | s | 0
\execute p 1
\execute p 1
\execute p 0
\sync

-- reveals: a portal of a prepared statement in SQL
PREPARE p AS SELECT email FROM customers ORDER BY id

\bind - | p | 1
\execute - 0
\sync

-- reveals: a protocol statement executed by SQL
\parse s | SELECT email FROM customers ORDER BY id
\sync

EXECUTE s

-- reveals: a protocol statement declared by a cursor
\parse s | SELECT email FROM customers ORDER BY id
\sync

EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE s; EXECUTE s

-- reveals: a name given to another statement
PREPARE p AS SELECT name FROM customers ORDER BY id; DEALLOCATE p; PREPARE p AS SELECT email FROM customers ORDER BY id; EXECUTE p

-- reveals: a name that stays with its statement
\parse p | SELECT email FROM customers ORDER BY id
\sync

\parse p | SELECT name FROM customers ORDER BY id
\sync

EXECUTE p

-- reveals: a name given again by the protocol
\parse p | SELECT name FROM customers ORDER BY id
\close S p
\parse p | SELECT email FROM customers ORDER BY id
\bind - | p | 0
\execute - 0
\sync

-- reveals: a cursor's name taken anew after an undone one
BEGIN; SAVEPOINT a; DECLARE c CURSOR FOR SELECT name FROM customers ORDER BY id; ROLLBACK TO a; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id; FETCH ALL FROM c

-- reveals: a cursor that was prepared
\parse d | DECLARE c CURSOR WITH HOLD FOR SELECT email FROM customers ORDER BY id
\bind - | d | 0
\execute - 0
\sync

FETCH ALL FROM c

-- reveals: the unnamed statement after a query
\parse - | SELECT email FROM customers ORDER BY id
\bind - | - | 0
\execute - 0
\query SELECT 1
\parse - | SELECT card FROM customers WHERE id = 2
\bind - | - | 0
\execute - 0
\sync

-- reveals: a row under a cursor
-- as: wide
BEGIN; DECLARE c CURSOR FOR SELECT email FROM customers ORDER BY id FOR UPDATE; MOVE 1 IN c

UPDATE customers SET name = 'x' WHERE CURRENT OF c RETURNING email

-- reveals: a cursor that chooses
BEGIN; DECLARE c CURSOR FOR SELECT id FROM customers WHERE email LIKE 'w%' ORDER BY id

MOVE ALL IN c

-- reveals: a question of many portals
\parse a | SELECT id FROM customers WHERE salary > $1 ORDER BY id
\bind x | a | 0 | 50000
\bind y | a | 0 | 90000
\execute x 0
\execute y 0
\sync
