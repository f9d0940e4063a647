"""A statement prepared once and executed again and again; a line on standard input asks for
the next round."""
import os
import sys

import psycopg

with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    connection.prepare_threshold = 0
    for round in sys.stdin:
        try:
            names = [connection.execute(
                "SELECT name, email FROM customers WHERE id = %s", [number]).fetchone()
                for number in (1, 2, 3)]
            print(round.strip(), names, len(connection.execute(
                "SELECT 1").fetchall()), flush=True)
        except psycopg.Error as error:
            print(round.strip(), error.sqlstate, error.diag.message_primary, flush=True)
