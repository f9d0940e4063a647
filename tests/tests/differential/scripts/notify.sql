-- LISTEN and NOTIFY within a session, whose process number is not shown here.
\set VERBOSITY verbose
\o | sed 's/PID [0-9]*/PID/'
LISTEN one;
LISTEN "Two words";
NOTIFY one;
NOTIFY one, 'payload é';
SELECT pg_notify('one', 'by function');
SELECT pg_notify('Two words', '');
BEGIN; NOTIFY one, 'later'; NOTIFY one, 'later'; SELECT 'not yet'; COMMIT;
BEGIN; NOTIFY one, 'never'; ROLLBACK;
SELECT 1;
SELECT pg_listening_channels();
UNLISTEN one;
NOTIFY one, 'unheard';
SELECT 2;
UNLISTEN *;
NOTIFY "Two words", 'unheard';
SELECT pg_notify('', 'x');
SELECT pg_notify(NULL, 'x');
SELECT pg_notify('one', repeat('x', 9000));
NOTIFY one, E'a\nb';
LISTEN;
BEGIN; LISTEN three; ROLLBACK; NOTIFY three; SELECT 3;
LISTEN four\; NOTIFY four, 'multi'\; SELECT 4;
\o
SELECT pg_notification_queue_usage() >= 0;
