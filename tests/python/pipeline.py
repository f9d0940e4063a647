"""A denied statement within a pipeline: what is before and behind it must not commit."""
import os

import psycopg

with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    try:
        with connection.pipeline():
            connection.execute("INSERT INTO invoices VALUES (1, 1, 1, 'pipelined')")
            connection.execute("SELECT * FROM payroll")
            connection.execute("INSERT INTO invoices VALUES (2, 1, 1, 'pipelined')")
    except psycopg.errors.InsufficientPrivilege as error:
        print("denied", error.sqlstate, error.diag.message_detail)
    # The same pipeline without it commits, in the same session.
    print("left", connection.execute(
        "SELECT count(*) FROM invoices WHERE id < 1000").fetchone()[0])
    with connection.pipeline():
        connection.execute("INSERT INTO invoices VALUES (3, 1, 1, 'pipelined')")
        connection.execute("INSERT INTO invoices VALUES (4, 1, 1, 'pipelined')")
    print("committed", connection.execute(
        "SELECT count(*) FROM invoices WHERE id < 1000").fetchone()[0])
