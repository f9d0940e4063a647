"""Migrations and temporary tables in the extended protocol: named and
unnamed statements, transactions of the driver's own making, a pipeline."""
import os

import psycopg


def connect(autocommit=False):
    connection = psycopg.connect(os.environ["DSN"], autocommit=autocommit)
    # Every statement is prepared under a name.
    connection.prepare_threshold = 0
    return connection


with connect() as connection:
    # The driver opens the transaction with the first statement, and ends it here.
    connection.execute("CREATE TABLE made (id int PRIMARY KEY, name text)")
    connection.execute("INSERT INTO made VALUES (%s, %s)", [1, "one"])
    connection.execute("ALTER TABLE made ADD COLUMN size int DEFAULT 7")
    rows = connection.execute("SELECT name, size FROM made WHERE id = %s", [1]).fetchall()
    print("made", rows)
    with connection.transaction(force_rollback=True):
        connection.execute("ALTER TABLE made RENAME COLUMN name TO label")
        print("inside", connection.execute("SELECT label FROM made").fetchall())
    print("undone", connection.execute("SELECT name FROM made").fetchall())

with connect(autocommit=True) as connection:
    connection.execute("CREATE TEMP TABLE scratch (id int, who text)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO scratch VALUES (%s, %s)",
                           [(number, f"n{number}") for number in range(50)])
        with cursor.copy("COPY scratch (id, who) FROM STDIN") as copy:
            copy.write_row((50, "copied"))
    print("kept", connection.execute("SELECT count(*), max(who) FROM scratch").fetchone())
    joined = connection.execute(
        "SELECT i.id, s.who FROM invoices i JOIN scratch s ON s.id = i.customer_id "
        "ORDER BY 1", binary=True).fetchall()
    print("joined", joined)
    with connection.transaction():
        connection.execute("CREATE TEMP TABLE brief (id int) ON COMMIT DROP")
        connection.execute("INSERT INTO brief VALUES (%s)", [3])
        print("brief", connection.execute("SELECT id FROM brief").fetchall())
    try:
        connection.execute("SELECT id FROM brief")
    except psycopg.Error as error:
        print("gone", error.sqlstate)
    connection.execute("DISCARD TEMP")
    try:
        connection.execute("SELECT id FROM scratch")
    except psycopg.Error as error:
        print("discarded", error.sqlstate)
    try:
        connection.execute("CREATE TEMP TABLE stolen AS SELECT email FROM customers")
    except psycopg.Error as error:
        print("stolen", error.sqlstate)

# Everything in one go: nothing can be looked up between.
with connect(autocommit=True) as connection:
    try:
        with connection.pipeline():
            connection.execute("CREATE TEMP TABLE rushed (id int)")
            cursor = connection.execute("SELECT count(*) FROM rushed")
        print("rushed", cursor.fetchall())
    except psycopg.Error as error:
        print("rushed", error.sqlstate)
