"""asyncpg over TLS: what it asks about types, prepared statements, cursors, COPY, transactions,
notifications, time-outs, and a pool, which resets its connections."""
import asyncio
import io
import os
import ssl

import asyncpg

OPTIONS = dict(
    host="localhost", port=int(os.environ["PORT"]), ssl=ssl.create_default_context(cafile=os.environ["CA"]),
    user="insights-bot", password=os.environ["TOKEN"], database="billing")


async def types(connection):
    row = await connection.fetchrow("SELECT * FROM answers WHERE id = 1")
    print("types", row["mood"], row["moods"], tuple(row["pair"]), row["age"], row["span"])
    answered = await connection.fetch(
        "SELECT id FROM answers WHERE mood = $1 AND moods = $2", "sad", ["sad", "fine"])
    print("by enum", [row["id"] for row in answered])
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=len)
    print("codec", await connection.fetchval("SELECT $1::jsonb", '{"a": 1}'))


async def statements(connection):
    statement = await connection.prepare("SELECT name, $2::text AS remark FROM customers WHERE id = $1")
    print("parameters", [type.name for type in statement.get_parameters()])
    print("attributes", [(a.name, a.type.name) for a in statement.get_attributes()])
    print("rows", [tuple(await statement.fetchrow(n, remark)) for n, remark in ((1, None), (2, ""))])
    try:
        await statement.fetchrow(1, "x" * 2_000)
        await connection.fetch("SELECT 1 / (id - 1001) FROM invoices")
    except asyncpg.DivisionByZeroError as error:
        print("error", error.sqlstate)
    try:
        await connection.fetch("SELECT secret FROM payroll")
    except asyncpg.InsufficientPrivilegeError as error:
        print("denied", error.detail)
    async with connection.transaction(readonly=True, isolation="repeatable_read"):
        cursor = await connection.cursor("SELECT id FROM customers ORDER BY id")
        print("cursor", [row["id"] for row in await cursor.fetch(2)], await cursor.forward(5))
        print("each", [row["id"] async for row in connection.cursor(
            "SELECT id FROM customers ORDER BY id", prefetch=1)])


async def writing(connection):
    insert = "INSERT INTO invoices VALUES ($1, 1, $2, $3)"
    async with connection.transaction():
        await connection.executemany(insert, [(n, n, None) for n in range(1, 101)])
        try:
            async with connection.transaction():
                await connection.execute(insert, 101, 1, "kept")
                await connection.execute(insert, 1, 1, "twice")
        except asyncpg.UniqueViolationError as error:
            print("unique", error.constraint_name)
    print("many", await connection.fetchval("SELECT count(*) FROM invoices WHERE id < 1000"))
    records = [(n, 2, n, None if n % 2 else "even") for n in range(200, 700)]
    print(await connection.copy_records_to_table("invoices", records=records))
    print(await connection.copy_to_table(
        "invoices", source=io.BytesIO(b"900,3,1.50,\n901,3,2.50,csv\n"), format="csv"))
    out = io.BytesIO()
    query = "SELECT id, note FROM invoices WHERE id >= $1 AND id < 1000 ORDER BY id"
    print(await connection.copy_from_query(query, 900, output=out, format="csv"), out.getvalue())
    out = io.BytesIO()
    print(await connection.copy_from_table("invoices", output=out), out.getvalue().count(b"\n"))


async def hearing(connection):
    heard = asyncio.Queue()
    await connection.add_listener("news", lambda _, pid, channel, payload: heard.put_nowait((channel, payload)))
    await connection.execute("NOTIFY news, 'told'")
    print("heard", (await asyncio.wait_for(heard.get(), 20))[0])
    try:
        await connection.fetch("SELECT pg_sleep(60)", timeout=0.3)
    except asyncio.TimeoutError:
        print("cancelled", await connection.fetchval("SELECT 1"))


async def main():
    connection = await asyncpg.connect(**OPTIONS)
    for part in (types, statements, writing, hearing):
        await part(connection)
    await connection.close()
    async with asyncpg.create_pool(**OPTIONS, min_size=1, max_size=3) as pool:
        numbers = await asyncio.gather(*(pool.fetchval("SELECT $1::int", n) for n in range(30)))
        print("pool", sum(numbers))


asyncio.run(main())
