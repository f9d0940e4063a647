"""The same rows in every format that psycopg and asyncpg ask for."""
import asyncio
import os

import asyncpg
import psycopg

QUERY = "SELECT id, name, email, card, phone, profile FROM customers ORDER BY id"

with psycopg.connect(os.environ["DSN"]) as connection:
    for binary in (False, True):
        for prepare in (False, True):
            for row in connection.execute(QUERY, prepare=prepare, binary=binary):
                print("psycopg", binary, prepare, row)
    with connection.cursor(name="server_side", binary=True) as cursor:
        cursor.itersize = 2
        cursor.execute(QUERY)
        for row in cursor:
            print("cursor", row)


async def main():
    connection = await asyncpg.connect(
        host="127.0.0.1", port=int(os.environ["PLAIN_PORT"]), ssl=False, user="insights-bot",
        password=os.environ["TOKEN"], database="billing")
    for row in await connection.fetch(QUERY):
        print("asyncpg", tuple(row))
    async with connection.transaction():
        async for row in connection.cursor(QUERY, prefetch=1):
            print("asyncpg cursor", tuple(row))
    await connection.close()


asyncio.run(main())
