"""psycopg 3 over TLS: cursors at the server, prepared statements by name, pipelines with an error
of the database in them, transactions in transactions, COPY that is given up, empty queries."""
import os

import psycopg
from psycopg.pq import ExecStatus

INSERT = "INSERT INTO invoices VALUES (%s, 1, 1, %s)"
COUNT = "SELECT count(*) FROM invoices WHERE id < 1000"


def one(connection, statement, *arguments):
    return connection.execute(statement, *arguments).fetchone()[0]


def cursors(connection):
    with connection.transaction():
        with connection.cursor(name="there and back", scrollable=True, binary=True) as cursor:
            cursor.execute("SELECT id FROM customers WHERE id > %s ORDER BY id", [0])
            first = cursor.fetchmany(2)
            cursor.scroll(0, mode="absolute")
            print("scrolled", first, cursor.fetchall())
    with connection.cursor(name="held", withhold=True) as cursor:
        cursor.execute("SELECT name FROM customers ORDER BY id")
        print("held", cursor.fetchone())
        print("between", one(connection, "SELECT 1"), cursor.fetchone())
    with connection.transaction():
        connection.execute("DECLARE plain CURSOR FOR SELECT id FROM invoices ORDER BY id")
        print("fetch", connection.execute("FETCH FORWARD 2 FROM plain").fetchall(),
              connection.execute("MOVE 1 IN plain").statusmessage,
              connection.execute("FETCH plain").fetchall())


def prepared(connection):
    wire = connection.pgconn
    made = wire.prepare(b"by name", b"SELECT name FROM customers WHERE id = $1")
    assert made.status == ExecStatus.COMMAND_OK, made.error_message
    told = wire.describe_prepared(b"by name")
    print("described", told.nparams, told.param_type(0), told.fname(0), told.ftype(0))
    print("executed", [wire.exec_prepared(b"by name", [value]).get_value(0, 0) for value in (b"1", b"3")])
    print("by SQL", connection.execute('EXECUTE "by name"(2)').fetchall())
    again = wire.prepare(b"by name", b"SELECT 1")
    print("again", again.error_field(psycopg.pq.DiagnosticField.SQLSTATE))
    connection.execute('DEALLOCATE "by name"')
    gone = wire.exec_prepared(b"by name", [b"1"])
    print("gone", gone.error_field(psycopg.pq.DiagnosticField.SQLSTATE))


def pipelines(connection):
    with connection.pipeline() as pipeline:
        before = connection.execute("SELECT %s::int", [1])
        connection.execute(INSERT, [1, "goes with the error"])
        failed = connection.execute("SELECT 1 / %s::int", [0])
        behind = connection.execute("SELECT 2")
        try:
            pipeline.sync()
        except psycopg.errors.DivisionByZero as error:
            print("failed", error.sqlstate, failed.pgresult, behind.pgresult)
        print("before", before.fetchone())
        after = connection.execute(COUNT)
        connection.execute(INSERT, [2, "stays"])
        print("after", after.fetchone())
    print("stays", one(connection, COUNT))


def transactions(connection):
    with connection.transaction():
        connection.execute(INSERT, [10, "outer"])
        try:
            with connection.transaction("inner"):
                connection.execute(INSERT, [11, "inner"])
                connection.execute(INSERT, [10, "twice"])
        except psycopg.errors.UniqueViolation as error:
            print("unique", error.diag.constraint_name, connection.info.transaction_status.name)
        with connection.transaction():
            connection.execute(INSERT, [12, "another"])
            raise psycopg.Rollback()
    print("outer only", connection.execute("SELECT id FROM invoices WHERE id IN (10, 11, 12)").fetchall())
    connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY")
    try:
        connection.execute(INSERT, [13, "read only"])
    except psycopg.errors.ReadOnlySqlTransaction as error:
        print("read only", error.sqlstate, connection.info.transaction_status.name)
    connection.execute("ROLLBACK AND NO CHAIN")


def copies(connection):
    cursor = connection.cursor()
    with cursor.copy("COPY invoices (id, customer_id, amount, note) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "int4", "numeric", "text"])
        for n in range(100, 400):
            copy.write_row((n, 1, n, "x" * 1000 if n % 2 else None))
    print("copied", cursor.rowcount)
    try:
        with cursor.copy("COPY invoices FROM STDIN") as copy:
            copy.write_row((500, 1, 1, "never"))
            raise LookupError("given up")
    except LookupError:
        print("given up", one(connection, "SELECT count(*) FROM invoices WHERE id = 500"))
    try:
        with cursor.copy("COPY invoices FROM STDIN") as copy:
            copy.write("501\t1\tno number\t\\N\n")
    except psycopg.errors.InvalidTextRepresentation as error:
        print("refused", error.sqlstate)
    with cursor.copy("COPY (SELECT id, note FROM invoices WHERE id < 102 AND id >= 100 ORDER BY 1) TO STDOUT") as copy:
        print("out", [(row[0], len(row[1] or "")) for row in copy.rows()])


def little(connection):
    wire = connection.pgconn
    for result in (wire.exec_(b""), wire.exec_(b" ; "), wire.exec_params(b"-- nothing", [])):
        print("empty", result.status == ExecStatus.EMPTY_QUERY)
    cursor = connection.execute("SELECT 1; SELECT 2, 'two'; SET statement_timeout = 0")
    results = [cursor.fetchall()]
    while cursor.nextset():
        results.append(cursor.fetchall() if cursor.description else cursor.statusmessage)
    print("several", results)
    print("null and empty", connection.execute("SELECT %s::text, %s::text, %b::int8", [None, "", 9]).fetchone())
    print("stream", [row[0] for row in connection.cursor().stream("SELECT id FROM customers ORDER BY id")])


with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    for part in (cursors, prepared, pipelines, transactions, copies, little):
        part(connection)
