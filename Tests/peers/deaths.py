"""The server dies, or never starts: every waiting request is answered, and the guard ends as the server did."""

import json
import os
import resource
import signal
import subprocess
import tempfile

from harness import Checks, Conversation, compact, environment, guarded, initialize

SERVER_GONE = 40306
REQUEST = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "t", "arguments": {}}}


def run(guard: str, checks: Checks, _rounds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # some of these deaths would leave a core file
    endings = [0, 1, 3, 7, 70, 126, 127, 255] + [-n for n in (
        signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV, signal.SIGABRT, signal.SIGPIPE,
        signal.SIGUSR1)]  # fmt: skip
    for status in endings:
        with_requests_in_flight(guard, checks, status)
    last_words(guard, checks)
    output_closed_first(guard, checks)
    exits_at_once(guard, checks)
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, "plain")
        with open(plain, "w") as file:
            file.write("not a program\n")
        for name, command in [
            ("an absolute path that does not exist", "/nowhere/at/all"),
            ("a name that is not in PATH", "no-such-command-anywhere"),
            ("a file without the right to execute", plain),
            ("a folder", folder),
        ]:
            unstartable(guard, checks, name, command)


def answers_of(data: bytes) -> dict:
    """What was answered to each id; the errors by their code."""
    found = {}
    for line in data.splitlines():
        message = json.loads(line)
        if "id" in message and "method" not in message:
            found[message["id"]] = message.get("error", {}).get("code", "result")
    return found


def with_requests_in_flight(guard: str, checks: Checks, status: int) -> None:
    name = f"the server ends with {status}"
    with Conversation(guard) as talk:
        initialize(talk, "2025-11-25")
        for identity in (0, "", "seven", 2**60):
            talk.ask(REQUEST | {"id": identity})
        talk.tell({"jsonrpc": "2.0", "id": "seven", "result": {"content": []}})
        start = talk.client.seen
        talk.server_exits(status)
        talk.until(lambda: talk.client.at_end, "the end of the guard's output", 5)
        checks.equal(f"{name}: requests in flight are answered", answers_of(talk.client.received[start:]),
                     {0: SERVER_GONE, "": SERVER_GONE, 2**60: SERVER_GONE})  # fmt: skip
        checks.equal(f"{name}: so does the guard", talk.status(5), status)


def last_words(guard: str, checks: Checks) -> None:
    """What the server wrote before it exited arrives, whole and first, although nobody read it meanwhile."""
    with Conversation(guard) as talk:
        initialize(talk, "2025-11-25")
        talk.ask(REQUEST | {"id": 1})
        talk.ask(REQUEST | {"id": 2})
        notice = compact({"jsonrpc": "2.0", "method": "notifications/message",
                          "params": {"level": "info", "data": "x" * 1000}}) + b"\n"  # fmt: skip
        words = notice * 30 + compact({"jsonrpc": "2.0", "id": 1, "result": {"content": []}}) + b"\n"
        os.write(talk.server.write, words)  # fits into the pipe: the server exits before the client reads any of it
        start = talk.client.seen
        talk.server_exits(3)
        talk.until(lambda: talk.client.at_end, "the end of the guard's output")
        arrived = bytes(talk.client.received[start:])
        checks.check("last words arrive before the guard's own", arrived.startswith(words), f"{len(arrived)} bytes")
        checks.equal("last words answer their request", answers_of(arrived), {1: "result", 2: SERVER_GONE})
        checks.equal("last words: status", talk.status(5), 3)


def output_closed_first(guard: str, checks: Checks) -> None:
    """Closing stdout and exiting a moment later is one of the ways a server may end."""
    with Conversation(guard) as talk:
        initialize(talk, "2025-11-25")
        talk.ask(REQUEST | {"id": 1})
        start = talk.client.seen
        os.close(talk.server.write)
        talk.server.write = -1
        talk.client.send(compact(REQUEST | {"id": 2}) + b"\n")
        talk.until(lambda: not talk.client.outgoing, "the write of a request")
        talk.server_exits(5)
        talk.until(lambda: talk.client.at_end, "the end of the guard's output", 5)
        answers = answers_of(talk.client.received[start:])
        checks.equal("output closed first: a waiting request is answered", answers.get(1), SERVER_GONE)
        checks.equal("output closed first: status", talk.status(5), 5)


def attempt(guard: str, command: list[str], request: bytes, *, stays: bool) -> subprocess.CompletedProcess:
    """Runs the guard on a pipe in which the request already waits; the client leaves at once, or `stays`."""
    reading, writing = os.pipe()
    os.write(writing, request)
    if not stays:
        os.close(writing)
    with tempfile.TemporaryDirectory() as home:
        try:
            return subprocess.run(guarded(guard, command), stdin=reading, capture_output=True, timeout=10,
                                  env=environment(home))  # fmt: skip
        finally:
            os.close(reading)
            if stays:
                os.close(writing)


def exits_at_once(guard: str, checks: Checks) -> None:
    """A server that never reads anything: the request, which waits already, may find it dead or alive."""
    for turn in range(10):
        done = attempt(guard, ["sh", "-c", "exit 9"], compact(REQUEST | {"id": 4}) + b"\n", stays=turn % 2 == 0)
        checks.equal(f"exits at once, turn {turn}: status", done.returncode, 9)
        checks.equal(f"exits at once, turn {turn}: answer", answers_of(done.stdout), {4: SERVER_GONE})


def unstartable(guard: str, checks: Checks, name: str, command: str) -> None:
    done = attempt(guard, [command, "arg"], compact(REQUEST | {"id": "first"}) + b"\n", stays=True)
    checks.equal(f"{name}: status", done.returncode, 127)
    checks.equal(f"{name}: the first request is answered", answers_of(done.stdout), {"first": SERVER_GONE})
    lines = done.stderr.decode().splitlines()
    checks.check(f"{name}: one clear line", len([line for line in lines if line.startswith("mcp-guard: error: ")]) == 1
                 and all(line.startswith(("mcp-guard: error: ", "mcp-guard: hint: ")) for line in lines), lines)  # fmt: skip
