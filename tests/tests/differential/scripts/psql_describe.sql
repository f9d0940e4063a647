-- What psql asks of the catalog by its own commands.
CREATE TABLE shown (id int PRIMARY KEY, label text, amount numeric); INSERT INTO shown VALUES (1, 'one', 1.5), (2, NULL, NULL), (3, E'two\nlines', -3);
\d
\d shown
\d+ shown
\dt
\dt+ shown
\dtvs
\di
\dS pg_am
\d pg_am
\dn
\db
\dc utf8_to_latin1
\dD
\dew
\dg gateway
\dl
\dL
\do ||
\dO en*
\dp
\dRs
\dT money
\dTS+ int*
\du
\dv
\dx
\dA
\dAc btree int4
\dAf btree int4
\dAo btree integer_ops
\dAp btree integer_ops
\dconfig work_mem
\dconfig+ enable_*
\df lower
\dfa count
\dfw row_number
\dFd simple
\dFp
\dFt
\l scripts
\l+ template*
\lo_list
\z shown
\sf lower
\ddp
DROP TABLE shown;
