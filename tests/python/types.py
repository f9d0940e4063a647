"""Values of many types by psycopg and asyncpg, in text and binary."""
import asyncio
import datetime
import decimal
import ipaddress
import os
import uuid

import asyncpg
import psycopg

VALUES = """
SELECT true, 42::int2, 42::int4, 42::int8, 1.5::float8, 12.30::numeric(10, 2), 'text'::text,
       'v'::varchar, '\\x00ff'::bytea, date '2026-02-28', timestamp '2026-02-28 12:00',
       timestamptz '2026-02-28 12:00+00', interval '1 day', uuid '00000000-0000-0000-0000-00000000002a',
       '{1,2,NULL}'::int[], '{"a": [1, null]}'::jsonb, inet '127.0.0.1', NULL::text, ''::text
"""


def check(client, row):
    row = list(row)
    expected = [
        True, 42, 42, 42, 1.5, decimal.Decimal("12.30"), "text", "v", b"\x00\xff",
        datetime.date(2026, 2, 28), datetime.datetime(2026, 2, 28, 12),
        datetime.datetime(2026, 2, 28, 12, tzinfo=datetime.timezone.utc),
        datetime.timedelta(days=1), uuid.UUID(int=42), [1, 2, None]]
    assert row[:15] == expected, (client, row)
    assert row[15] in ({"a": [1, None]}, '{"a": [1, null]}'), (client, row)
    assert str(row[16]).startswith("127.0.0.1"), (client, row)
    assert row[17:] == [None, ""], (client, row)
    print(client, "ok")


with psycopg.connect(os.environ["DSN"], autocommit=True) as connection:
    check("psycopg text", connection.execute(VALUES).fetchone())
    check("psycopg binary", connection.execute(VALUES, binary=True).fetchone())
    check("psycopg prepared", connection.execute(VALUES, prepare=True).fetchone())
    row = connection.execute("SELECT %s::text, %s::text, %b::int4, %t::int4",
                             [None, "", 7, 8]).fetchone()
    assert row == (None, "", 7, 8), row
    with connection.transaction():
        with connection.cursor() as cursor:
            cursor.executemany("SELECT name FROM customers WHERE id = %s", [(1,), (2,)], returning=True)
            print("many", cursor.fetchone()[0])
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int", [n]) for n in range(100)]
        assert [cursor.fetchone()[0] for cursor in cursors] == list(range(100))
    print("pipeline ok")


async def main():
    connection = await asyncpg.connect(
        host="127.0.0.1", port=int(os.environ["PLAIN_PORT"]), ssl=False, user="insights-bot",
        password=os.environ["TOKEN"], database="billing")
    check("asyncpg", await connection.fetchrow(VALUES))
    statement = await connection.prepare("SELECT name FROM customers WHERE id = $1")
    for number in (1, 2, 3):
        print("asyncpg", await statement.fetchval(number))
    async with connection.transaction():
        print("asyncpg", await connection.fetchval("SELECT count(*) FROM customers"))
    await connection.close()


asyncio.run(main())
