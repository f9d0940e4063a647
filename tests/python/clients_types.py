"""Every built-in type by the gateway and past it, compared byte for byte: by Query and by
Execute, in text and binary, as results, as parameters and by COPY."""
import os

import psycopg
from psycopg.pq import ExecStatus, Format

# A type and two of its values.
TYPES = [
    ("bool", "t", "f"), ("int2", "-32768", "7"), ("int4", "-2147483648", "7"),
    ("int8", "-9223372036854775808", "7"), ("float4", "1.5", "NaN"),
    ("float8", "0.1", "-Infinity"), ("numeric", "12345678901234567890.0987654321", "NaN"),
    ("numeric(10,2)", "-0.50", "1"), ("money", "12.30", "-1"), ("text", "Grüße ☃", ""),
    ("varchar", "v", ""), ("varchar(9)", "cut", ""), ("char(4)", "ab", "abcd"), ('"char"', "x", ""),
    ("name", "pg_class", "n"), ("bytea", r"\x00ff10", ""), ("date", "2026-02-28", "infinity"),
    ("time", "12:34:56.789", "24:00"), ("timetz", "12:34:56+02", "00:00-09"),
    ("timestamp", "2026-02-28 12:34:56.789", "-infinity"),
    ("timestamptz", "2026-02-28 12:34:56+02", "infinity"),
    ("interval", "1 year -2 mons 3 days 04:05:06.7", "0"),
    ("uuid", "123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"),
    ("json", '{"b": 1,  "a": [null]}', "null"), ("jsonb", '{"b": 1, "a": [null]}', "null"),
    ("jsonpath", "$.a[*] ? (@ > 1)", "$"), ("xml", "<a>1</a>", "x"),
    ("inet", "192.0.2.1/24", "::1"), ("cidr", "192.0.2.0/24", "::/0"),
    ("macaddr", "08:00:2b:01:02:03", "00:00:00:00:00:00"),
    ("macaddr8", "08:00:2b:01:02:03:04:05", "00:00:00:00:00:00:00:00"), ("bit(3)", "101", "000"),
    ("varbit", "10101", ""), ("point", "(1,2.5)", "(0,0)"), ("line", "{1,2,3}", "{0,1,0}"),
    ("lseg", "[(0,0),(1,1)]", "[(1,1),(0,0)]"), ("box", "(2,2),(0,0)", "(0,0),(0,0)"),
    ("path", "[(0,0),(1,1)]", "((0,0),(1,1))"), ("polygon", "((0,0),(1,1),(1,0))", "((0,0))"),
    ("circle", "<(0,0),2>", "<(1,1),0>"), ("tsvector", "'a':1A 'b':2,3", ""),
    ("tsquery", "'a' & !'b' <-> 'c'", "'x'"), ("oid", "4294967295", "0"), ("xid", "7", "0"),
    ("xid8", "18446744073709551615", "0"), ("cid", "7", "0"), ("tid", "(1,2)", "(0,0)"),
    ("pg_lsn", "16/B374D848", "0/0"), ("pg_snapshot", "10:20:10,14,15", "1:1:"),
    ("regclass", "pg_class", "pg_type"), ("regtype", "integer", "text"),
    ("int2vector", "1 2", "3"), ("oidvector", "1 2", "3"), ("refcursor", "c", ""),
    ("int4range", "[1,5)", "empty"), ("numrange", "(0.5,)", "empty"),
    ("tstzrange", "[2026-01-01 00:00+00,2026-02-01 00:00+00)", "empty"),
    ("daterange", "[2026-01-01,2026-02-01)", "empty"), ("int8multirange", "{[1,3),[5,7)}", "{}"),
    ("bool[]", "{t,NULL,f}", "{}"), ("int4[]", "[0:2]={1,2,3}", "{}"), ("int4[]", "{{1,2},{3,4}}", "{}"),
    ("text[]", '{"a,b",NULL,"NULL",""}', "{}"), ("timestamptz[]", '{"2026-01-01 00:00+00"}', "{}"),
    ("jsonb[]", r'{"{\"a\": 1}"}', "{}"), ("public.mood", "sad", "fine"),
    ("public.mood[]", "{sad,fine}", "{}"), ("public.age", "41", "0"),
    ("public.pair", '(1,"a ""b""")', "(,)"),
]
COPIES = 500


def make(connection):
    """The table, past the gateway: the values, the other values, NULLs; many times."""
    columns = ", ".join(f"c{n} {type[0]}" for n, type in enumerate(TYPES))
    for statement in (
            "CREATE TYPE mood AS ENUM ('sad', 'fine')", "CREATE DOMAIN age AS int CHECK (VALUE >= 0)",
            "CREATE TYPE pair AS (a int, b text)", f"CREATE TABLE everything ({columns})",
            "GRANT SELECT ON everything TO gateway"):
        connection.execute(statement)
    for place in (1, 2):
        values = ", ".join("'" + type[place].replace("'", "''") + "'" for type in TYPES)
        connection.execute(f"INSERT INTO everything VALUES ({values})")
    connection.execute("INSERT INTO everything DEFAULT VALUES")
    connection.execute(f"INSERT INTO everything SELECT e.* FROM everything e, generate_series(2, {COPIES})")


def whole(result):
    """Columns and values of a result as they came."""
    assert result.status == ExecStatus.TUPLES_OK, result.error_message
    columns = [(result.fname(n), result.ftype(n), result.fmod(n), result.fsize(n),
                result.ftable(n), result.ftablecol(n), result.fformat(n)) for n in range(result.nfields)]
    rows = [[result.get_value(row, n) for n in range(result.nfields)] for row in range(result.ntuples)]
    return result.command_status, columns, rows


def same(what, ask):
    got, expected = ask(gateway), ask(direct)
    assert got == expected, f"{what}:\n{got!r:.4000}\n{expected!r:.4000}"
    return got


with psycopg.connect(os.environ["DIRECT"], autocommit=True) as direct:
    make(direct)
    with psycopg.connect(os.environ["DSN"], autocommit=True) as gateway:
        ALL = b"SELECT * FROM everything"
        same("query", lambda c: whole(c.pgconn.exec_(ALL)))
        for format in (Format.TEXT, Format.BINARY):
            rows = same(format, lambda c: whole(c.pgconn.exec_params(ALL, [], result_format=format)))[2]
            assert len(rows) == 3 * COPIES and len(rows[0]) == len(TYPES)
            for n, (type, *_) in enumerate(TYPES):
                if type == "regclass":
                    continue  # Whether there is a relation of a name is the catalog's to tell.
                statement = f"SELECT $1::{type}".encode()
                for value in (rows[0][n], rows[1][n], None):
                    got = same(type, lambda c: whole(c.pgconn.exec_params(
                        statement, [value], param_formats=[format], result_format=format)))
                    assert got[2] == [[value]], (type, format, got, value)
        for options in ("text", "csv", "binary"):
            statement = f"COPY everything TO STDOUT (FORMAT {options})"
            def copy(connection):
                with connection.cursor().copy(statement) as copy:
                    return b"".join(copy)
            assert len(same(statement, copy)) > 3 * COPIES * len(TYPES)
        print(len(TYPES), "types,", 3 * COPIES * len(TYPES), "values")
