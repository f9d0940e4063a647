"""Measurements that need a clock and a connection at hand. Each prints rows of a
Markdown table; run.sh prints the headings.

    measure.py start FOLDER BINARY ADMIN
    measure.py stream copy|select ROWS PID DIRECT GATEWAY
    measure.py idle COUNT PID PORT AUTHORITY TOKEN
    measure.py dialled COUNT PID GATEWAY
    measure.py policy FILE RELATION GATEWAY
    measure.py fairness GATEWAY LOOPING

DIRECT and GATEWAY are connection strings, PID is the gateway's.
"""

import os
import shutil
import resource
import signal
import socket
import ssl
import statistics
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

# Nothing here may take longer than this, in seconds.
BOUND = 120


def main(what, *arguments):
    {"start": start, "stream": stream, "idle": idle, "dialled": dialled, "policy": policy,
     "fairness": fairness}[what](*arguments)


def start(folder, binary, admin):
    """Start to ready; cold is without any compiled filter."""
    for name, cold in ("cold cache", True), ("warm cache", False):
        times = [start_once(Path(folder), binary, admin, cold) for _ in range(3)]
        row(name, milliseconds(statistics.median(times)))


def start_once(folder, binary, admin, cold):
    if cold:
        shutil.rmtree(folder / "state", ignore_errors=True)
    with open(folder / "start.log", "wb") as log:
        began = time.monotonic()
        gateway = subprocess.Popen(
            [binary, "run", "narrowgate.yaml"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )
    try:
        while not ready(admin):
            if gateway.poll() is not None:
                sys.exit((folder / "start.log").read_text()[-2000:])
            within(began, "the gateway is not ready")
            time.sleep(0.002)
        return time.monotonic() - began
    finally:
        gateway.send_signal(signal.SIGTERM)
        try:
            gateway.wait(BOUND)
        except subprocess.TimeoutExpired:
            gateway.kill()


def ready(admin):
    try:
        with urllib.request.urlopen(f"http://{admin}/readyz", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def stream(how, rows, pid, direct, gateway):
    """All rows of a table, with the memory that the gateway takes for it."""
    fetch = {"copy": copy, "select": select}[how]
    plain = timed(fetch, direct, int(rows))
    before = resident(pid)
    with Highest(pid) as highest:
        through = timed(fetch, gateway, int(rows))
    what = {"copy": "COPY TO STDOUT", "select": "SELECT"}[how]
    row(what, f"{plain:.1f} s", f"{through:.1f} s", f"{plain / through:.2f}",
        mib(before), mib(highest.bytes))


def copy(connection, expected):
    seen = 0
    with connection.cursor() as cursor, cursor.copy("COPY wide TO STDOUT") as data:
        for block in data:
            seen += bytes(block).count(b"\n")
    assert seen == expected, f"{seen} rows"


def select(connection, expected):
    """With the C library's own row-by-row mode: psycopg's rows would be what is measured."""
    pgconn = connection.pgconn
    pgconn.send_query(b"SELECT * FROM wide")
    pgconn.set_single_row_mode() if not hasattr(pgconn, "set_chunked_rows_mode") \
        else pgconn.set_chunked_rows_mode(1000)
    seen = 0
    while (result := pgconn.get_result()) is not None:
        if result.error_message:
            raise RuntimeError(result.error_message.decode())
        seen += result.ntuples
        result.clear()
    assert seen == expected, f"{seen} rows"


def timed(fetch, dsn, rows):
    with psycopg.connect(dsn, autocommit=True) as connection:
        began = time.monotonic()
        fetch(connection, rows)
        return time.monotonic() - began


def idle(count, pid, port, authority, token):
    """Sessions that have logged in and wait. By hand: what drivers keep for each of
    so many would not fit."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    context = ssl.create_default_context(cafile=authority)
    grown("not dialled", count, pid, lambda: logged_in(int(port), context, token))


def logged_in(port, context, token):
    plain = socket.create_connection(("localhost", port), BOUND)
    plain.sendall(struct.pack("!ii", 8, 80877103))
    assert plain.recv(1) == b"S"
    connection = context.wrap_socket(plain, server_hostname="localhost")
    body = struct.pack("!i", 3 << 16) + b"user\0bench\0database\0bench\0\0"
    connection.sendall(struct.pack("!i", 4 + len(body)) + body)
    answers = connection.makefile("rb")
    assert message(answers) == b"R"
    connection.sendall(b"p" + struct.pack("!i", 5 + len(token)) + token.encode() + b"\0")
    while (tag := message(answers)) != b"Z":
        assert tag != b"E", "not let in"
    return connection


def message(stream):
    tag, length = struct.unpack("!ci", stream.read(5))
    stream.read(length - 4)
    return tag


def dialled(count, pid, dsn):
    """Sessions that have run one statement and wait."""
    grown("dialled: each has run a statement", count, pid, lambda: opened(dsn))


def grown(what, count, pid, opener):
    """What the gateway takes more with so many sessions."""
    before = resident(pid)
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        connections = list(pool.map(lambda _: opener(), range(int(count))))
    took = time.monotonic() - began
    time.sleep(1)
    after = resident(pid)
    for connection in connections:
        connection.close()
    row(f"{count} {what}, opened in {took:.1f} s", mib(before), mib(after),
        f"{(after - before) / int(count) / 1024:.0f} KiB")


def opened(dsn):
    connection = psycopg.connect(dsn, autocommit=True)
    connection.execute("SELECT one FROM switch")
    return connection


def policy(file, relation, dsn):
    """A rule is taken out and put back; a session that asks without a pause notices."""
    file = Path(file)
    allowed = file.read_text()
    denied = allowed.replace(relation, relation + "_off")
    assert allowed != denied
    times = {True: [], False: []}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for wanted, text in [(False, denied), (True, allowed)] * 10:
            aside = file.with_suffix(".new")
            aside.write_text(text)
            began = time.monotonic()
            aside.rename(file)
            while permitted(connection) != wanted:
                within(began, "the edited policy has no effect")
            times[wanted].append(time.monotonic() - began)
            time.sleep(0.2)
    for wanted, name in (False, "a right taken away"), (True, "a right given"):
        row(name, milliseconds(statistics.median(times[wanted])), milliseconds(max(times[wanted])))


def permitted(connection):
    try:
        connection.execute("SELECT one FROM switch")
        return True
    except psycopg.errors.InsufficientPrivilege:
        return False


def fairness(dsn, looping):
    """How long statements take in eight sessions, alone and while two filters loop."""
    connections = [opened(dsn) for _ in range(8)]
    waits("alone", connections, 2000)
    stop = threading.Event()
    loopers = [threading.Thread(target=loop, args=(looping, stop)) for _ in range(2)]
    for looper in loopers:
        looper.start()
    time.sleep(0.5)
    waits("while two filters loop", connections, 2000)
    stop.set()
    for looper in loopers:
        looper.join(BOUND)


def waits(name, connections, count):
    times = []
    for n in range(count):
        connection = connections[n % len(connections)]
        began = time.monotonic()
        connection.execute("SELECT one FROM switch")
        times.append(time.monotonic() - began)
    times.sort()
    row(name, *(f"{t * 1000:.2f} ms" for t in
                (times[count // 2], times[count * 99 // 100], times[-1])))


def loop(dsn, stop):
    """Has a filter loop, again and again, until it is stopped for it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not stop.is_set():
            try:
                connection.execute("INSERT INTO switch VALUES (2)")
                sys.exit("the looping filter has answered")
            except psycopg.errors.SystemError:
                pass


class Highest:
    """The most memory that a process takes within the block, looked at 20 times a second."""

    def __init__(self, pid):
        self.pid, self.bytes, self.done = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while not self.done.wait(0.05):
            self.bytes = max(self.bytes, resident(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.bytes = max(self.bytes, resident(self.pid))


def resident(pid):
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def within(began, what):
    if time.monotonic() - began > BOUND:
        sys.exit(f"{what} after {BOUND} s")


def row(*cells):
    print("|", " | ".join(cells), "|", flush=True)


def mib(count):
    return f"{count / (1 << 20):.0f} MiB"


def milliseconds(seconds):
    return f"{seconds * 1000:.0f} ms"


main(*sys.argv[1:])
