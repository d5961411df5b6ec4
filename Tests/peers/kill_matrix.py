"""Every way for a session to end, with every kind of server: nobody is left over, nobody waits for ever.

Each round runs in a process of its own to which all orphans of the round fall, so that none can hide.
"""

import itertools
import json
import multiprocessing
import os
import random
import select
import signal
import subprocess
import tempfile
import time
import uuid

from harness import (
    HERE,
    PYTHON,
    Checks,
    adopt_orphans,
    end_all,
    environment,
    exits,
    guarded,
    reap_orphans,
    survivors,
)

BOUND = 1.5  # seconds from a signal until everything is gone
GRACE = 2.0  # seconds that the Python client waits between the end of input and SIGTERM
ABANDONED = GRACE + BOUND + 0.5  # the client is dead: the guard itself must do what the client would have done
OWN_END = 7  # what the servers exit with when their input ends

STUBBORN = [*PYTHON, str(HERE / "stubborn_server.py")]
# Like npx: a shell that runs a shell that runs the server, each waiting for the next.
CHAIN = ["sh", "-c", '"$@"; exit $?', "npx", "sh", "-c", '"$@"; exit $?', "server", *STUBBORN]
SERVERS = {
    "obedient": STUBBORN,
    "ignores EOF": [*STUBBORN, "--deaf"],
    "ignores TERM, INT and HUP": [*STUBBORN, "--ignore"],
    "ignores everything": [*STUBBORN, "--deaf", "--ignore"],
    "has a grandchild": [*STUBBORN, "--grandchild"],
    "chain of shells": CHAIN,
    "floods stderr": [*STUBBORN, "--flood", "stderr"],
    "floods stdout": [*STUBBORN, "--flood", "stdout"],
}
SIGNALS = {
    "SIGTERM": signal.SIGTERM,
    "SIGHUP": signal.SIGHUP,
    "SIGINT": signal.SIGINT,
    "SIGTERM to the group": signal.SIGTERM,
    "SIGTERM to the server, then to the guard": signal.SIGTERM,  # the order in which the kernel may serve a group
    "SIGKILL": signal.SIGKILL,
}
EARLY = {"SIGTERM during start-up": signal.SIGTERM, "SIGKILL during start-up": signal.SIGKILL}
ENDINGS = ["EOF", *SIGNALS, *EARLY, "crash of the client"]
# These do not see the end of their input, or not while their output is stuck in a pipe nobody reads.
DEAF = {"ignores EOF", "ignores everything", "floods stdout"}

Finding = tuple[str, bool, object]


def run(guard: str, checks: Checks, rounds: int) -> None:
    cells = list(itertools.product(ENDINGS, SERVERS))
    random.Random(rounds).shuffle(cells)
    chosen = [(guard, *cell, number) for number, cell in zip(range(rounds), itertools.cycle(cells))]
    slowest = (0.0, "")
    with multiprocessing.get_context("fork").Pool(3, maxtasksperchild=1) as pool:
        for name, findings, elapsed in pool.imap_unordered(one_round, chosen, chunksize=1):
            slowest = max(slowest, (elapsed, name))
            for what, holds, detail in findings:
                checks.check(f"{name}: {what}", holds, detail)
    print(f"kill_matrix: {rounds} rounds over {len(cells)} combinations, slowest {slowest[0]:.2f} s ({slowest[1]})")


def one_round(cell: tuple[str, str, str, int]) -> tuple[str, list[Finding], float]:
    guard, ending, server, number = cell
    adopt_orphans()
    session = Round(guard, ending, server)
    try:
        session.play()
    except Exception as error:
        session.find("the round runs to its end", False, f"{type(error).__name__}: {error}")
    finally:
        end_all(session.tag)
        reap_orphans()
        session.home.cleanup()
    return f"{ending}, server {server}, round {number}", session.findings, session.elapsed


class Round:
    def __init__(self, guard: str, ending: str, server: str) -> None:
        self.ending, self.server = ending, server
        self.tag = uuid.uuid4().hex
        self.home = tempfile.TemporaryDirectory(prefix="peers-")
        self.command = guarded(guard, SERVERS[server])
        self.family: list[int] = []  # the server and its grandchild
        self.findings: list[Finding] = []
        self.elapsed = 0.0

    def find(self, what: str, holds: bool, detail: object = "") -> None:
        self.findings.append((what, holds, detail))

    def play(self) -> None:
        if self.ending == "crash of the client":
            self.crash()
            return
        client = Client(self.command, environment(self.home.name, self.tag))
        self.guard = client.process.pid
        if self.ending in EARLY:
            time.sleep(random.uniform(0, 0.03))  # any moment will do, from before the server starts until after it did
            os.kill(self.guard, EARLY[self.ending])
            self.ends(BOUND, None)
            return
        self.family = client.greet()
        if self.ending == "EOF":
            client.process.stdin.close()
            if self.server in DEAF:
                self.lingers()
                os.killpg(self.guard, signal.SIGTERM)
            self.ends(BOUND, self.allowed_after_end_of_input())
        else:
            number = SIGNALS[self.ending]
            if "server" in self.ending:
                os.kill(self.family[0], number)
            os.killpg(self.guard, number) if self.ending.endswith("group") else os.kill(self.guard, number)
            self.ends(BOUND, self.allowed_after(number))

    def crash(self) -> None:
        """The client is a process of its own here, and dies without a word."""
        reading, writing = os.pipe()
        if (crashing := os.fork()) == 0:
            try:
                client = Client(self.command, environment(self.home.name, self.tag))
                os.write(writing, json.dumps([client.process.pid, *client.greet()]).encode() + b"\n")
                signal.pause()
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as told:
            self.guard, *self.family = json.loads(told.readline())
        os.kill(crashing, signal.SIGKILL)
        os.waitpid(crashing, 0)  # from now on the guard is our child
        self.ends(ABANDONED if self.server in DEAF else BOUND, self.allowed_after_end_of_input())

    def lingers(self) -> None:
        """The end of input alone kills nobody: a server may have work to finish."""
        gone = exits(self.guard, GRACE)
        self.find("the guard waits for its server", not gone)
        self.find("the server is left alone", all(not exits(pid, 0) for pid in self.family))

    def allowed_after_end_of_input(self) -> set[int] | None:
        return None if self.server in DEAF else {OWN_END}

    def allowed_after(self, number: int) -> set[int] | None:
        """The guard ends as the server did: of the signal passed on, or of the end of its input; None is any way."""
        if number == signal.SIGKILL:
            return {-number}
        if self.server in ("obedient", "has a grandchild", "floods stderr"):
            return {-number, -signal.SIGTERM, OWN_END}
        return None

    def ends(self, bound: float, allowed: set[int] | None) -> None:
        """Everything is gone within the bound, and the guard's status is one of those allowed."""
        began = time.monotonic()
        gone = exits(self.guard, bound)
        self.find(f"the guard is gone within {bound} s", gone)
        # A server that exited of its own accord may leave a grandchild running.
        spared = self.family[1:] if allowed == {OWN_END} and self.server == "has a grandchild" else []
        left = survivors(self.tag, began + bound, spared)
        self.elapsed = time.monotonic() - began
        self.find(f"nobody is left after {bound} s", not left, left)
        if gone:
            status = os.waitstatus_to_exitcode(os.waitpid(self.guard, 0)[1])
            if allowed:
                self.find("the status is the server's", status in allowed, f"{status}, allowed {sorted(allowed)}")
            # In a chain the guard's child is the outermost shell.
            if status != -signal.SIGKILL and self.family and self.server != "chain of shells":
                self.find("the guard reaped its server", self.family[0] not in reap_orphans())


class Client:
    """Starts the guard as the Python client does, with a stderr that nobody reads."""

    def __init__(self, command: list[str], variables: dict[str, str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=variables, start_new_session=True, bufsize=0)  # fmt: skip

    def greet(self) -> list[int]:
        """Three requests and their answers; returns the process ids of the server and its grandchild."""
        for identity in range(3):
            method = "initialize" if identity == 0 else "ping"
            message = {"jsonrpc": "2.0", "id": identity, "method": method, "params": {"protocolVersion": "2025-11-25"}}
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            while (answer := self.line()).get("id") != identity:
                pass
        return answer["result"]["pids"]

    def line(self) -> dict:
        line = bytearray()
        while not line.endswith(b"\n"):
            if not select.select([self.process.stdout], [], [], 10)[0]:
                raise TimeoutError("no answer")
            if not (byte := self.process.stdout.read(1)):  # leaves what follows in the pipe
                raise EOFError("the guard's output ended")
            line += byte
        return json.loads(line)
