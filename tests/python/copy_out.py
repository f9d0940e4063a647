"""COPY TO STDOUT in its three formats."""
import os
import sys

import psycopg

COPY = "COPY (SELECT id, name, email, card, phone, profile FROM customers ORDER BY id) TO STDOUT"

with psycopg.connect(os.environ["DSN"]) as connection:
    for options in ("", " (FORMAT csv, HEADER)", " (FORMAT csv, QUOTE '''', DELIMITER ';')"):
        with connection.cursor().copy(COPY + options) as copy:
            data = b"".join(copy)
        print("==", options or "text")
        sys.stdout.write(data.decode("utf-8", "backslashreplace") + "\n")
    with connection.cursor().copy("COPY customers (email, id) TO STDOUT") as copy:
        print("== table")
        sys.stdout.write(b"".join(copy).decode() + "\n")
    for what in ("customers", COPY[5:-10]):
        with connection.cursor().copy(f"COPY {what} TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "text", "text", "text", "text", "jsonb"])
            print("== binary", what)
            for row in copy.rows():
                print(row)
