"""psql at a terminal: what the tabulator key completes."""
import os
import pty
import select
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execvp("psql", ["psql", "-X", "-w", os.environ["DSN"]])


def until(text, seconds=20):
    seen, end = b"", time.monotonic() + seconds
    while text not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        if not ready:
            sys.exit(f"no {text} in {seen}")
        seen += os.read(terminal, 4096)


until(b"=> ")
os.write(terminal, b"SELECT * FROM pay\t")
until(b"roll")
os.write(terminal, b"\x15\\d+ inv\t")
until(b"oices")
os.write(terminal, b"\x15\\q\n")
os.waitpid(pid, 0)
print("completed")
