"""Temporary tables and migrations with asyncpg, which prepares everything and asks about types."""
import asyncio
import os
import ssl

import asyncpg


async def main():
    context = ssl.create_default_context(cafile=os.environ["CA"])
    connection = await asyncpg.connect(
        host="localhost", port=int(os.environ["PORT"]), user="insights-bot",
        database="billing", password=os.environ["TOKEN"], ssl=context)
    await connection.execute("CREATE TEMP TABLE scratch (id int, who text)")
    await connection.executemany("INSERT INTO scratch VALUES ($1, $2)",
                                 [(number, f"n{number}") for number in range(5)])
    await connection.copy_records_to_table("scratch", records=[(5, "copied")])
    print("kept", [tuple(row) for row in await connection.fetch(
        "SELECT id, who FROM scratch WHERE id > $1 ORDER BY id", 3)])
    async with connection.transaction():
        await connection.execute("CREATE TABLE made_by_asyncpg (id int)")
        await connection.execute("INSERT INTO made_by_asyncpg VALUES ($1)", 8)
        async for row in connection.cursor("SELECT id + $1 AS n FROM made_by_asyncpg", 1):
            print("made", row["n"])
    print("masked", await connection.fetchval("SELECT email FROM customers WHERE id = $1", 1))
    await connection.close()


asyncio.run(main())
