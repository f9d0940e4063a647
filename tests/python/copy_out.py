"""COPY TO STDOUT in its three formats."""
import os
import sys

import psycopg

COPY = "COPY (SELECT id, name, email, card, phone, profile FROM customers ORDER BY id) TO STDOUT"

with psycopg.connect(os.environ["DSN"]) as connection:
    for options in ("", " (FORMAT csv, HEADER)", " (FORMAT csv, QUOTE '''', DELIMITER ';')",
                    " (FORMAT binary)"):
        with connection.cursor().copy(COPY + options) as copy:
            data = b"".join(copy)
        print("==", options or "text")
        sys.stdout.write(data.decode("utf-8", "backslashreplace") + "\n")
    with connection.cursor().copy("COPY customers (email, id) TO STDOUT") as copy:
        print("== table")
        sys.stdout.write(b"".join(copy).decode() + "\n")
    with connection.cursor().copy(COPY + " (FORMAT binary)") as copy:
        copy.set_types(["int4", "text", "text", "text", "text", "jsonb"])
        print("== typed")
        for row in copy.rows():
            print(row)
