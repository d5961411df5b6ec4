"""The server's stderr arrives whole where somebody reads it, and never holds anything up where nobody does."""

import os
import random
import selectors
import subprocess
import tempfile
import time

from harness import PYTHON, Checks, environment, guarded

# Writes argv[1] bytes, different every time and full of all byte values, in pieces of argv[2]; then answers one request.
TALKATIVE = r"""
import os, random, sys
random.seed(5)
rest = memoryview(random.randbytes(int(sys.argv[1])))
while rest:
    rest = rest[os.write(2, rest[:int(sys.argv[2])]):]
line = b""
while not line.endswith(b"\n"):
    line += os.read(0, 1) or sys.exit(6)
os.write(1, b'{"jsonrpc":"2.0","id":1,"result":{}}\n')
os._exit(6)
"""
REQUEST = b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
ANSWER = b'{"jsonrpc":"2.0","id":1,"result":{}}\n'


def run(guard: str, checks: Checks, _rounds: int) -> None:
    for size in (0, 1, 4096, 70_000, 1_000_000, 20_000_000):
        for piece in (1000, 65_536):
            said = random.Random(5).randbytes(size)
            with tempfile.TemporaryFile() as file:
                start(guard, size, piece, file).communicate(REQUEST, timeout=30)
                file.seek(0)
                compare(checks, f"{size} bytes by {piece} to a file", file.read(), said)
            with start(guard, size, piece, subprocess.PIPE) as process:
                out, heard = process.communicate(REQUEST, timeout=30)
                compare(checks, f"{size} bytes by {piece} to a pipe that is read", heard, said)
            checks.equal(f"{size} bytes by {piece}: answer", out, ANSWER)
            checks.equal(f"{size} bytes by {piece}: status", process.returncode, 6)
    for size in (70_000, 20_000_000):
        unread(guard, checks, size)


def start(guard: str, size: int, piece: int, stderr: object) -> subprocess.Popen:
    command = guarded(guard, [*PYTHON, "-c", TALKATIVE, str(size), str(piece)])
    with tempfile.TemporaryDirectory() as home:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env=environment(home))


def compare(checks: Checks, name: str, heard: bytes, said: bytes) -> None:
    checks.check(f"{name}: arrives whole", heard == said, f"{len(heard)} of {len(said)} bytes")


def unread(guard: str, checks: Checks, size: int) -> None:
    """The client gave the guard a pipe for stderr and never reads it."""
    reading, writing = os.pipe()
    process = start(guard, size, 65_536, writing)
    os.close(writing)
    try:
        process.stdin.write(REQUEST)
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            answered = bool(selector.select(5))
        checks.check(f"{size} bytes that nobody reads: the request is answered", answered)
        began = time.monotonic()
        process.stdin.close()
        status = process.wait(5)
        checks.equal(f"{size} bytes that nobody reads: status", status, 6)
        checks.check(f"{size} bytes that nobody reads: ends soon", time.monotonic() - began < 1.5)
    except subprocess.TimeoutExpired:
        checks.check(f"{size} bytes that nobody reads: ends", False)
        process.kill()
    finally:
        os.close(reading)
        process.stdout.close()
        process.wait()
