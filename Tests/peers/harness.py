"""What the suites share: counting checks, a conversation whose both ends the test holds, and finding processes by a tag."""

import ctypes
import dataclasses
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = Path(os.environ["PEERS_DIR"])
TAG = "PEERS_ROUND"  # every process of one round carries this variable, with a value of its own
PATIENCE = 30.0  # seconds until an answer that never comes is a failure; nothing waits this long when all is well


@dataclasses.dataclass
class Checks:
    """Counts checks and prints those that fail."""

    suite: str
    passed: int = 0
    failed: int = 0

    def check(self, name: str, holds: bool, detail: object = "") -> bool:
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {self.suite}: {name}" + (f": {detail}" if detail != "" else ""), flush=True)
        return holds

    def equal(self, name: str, found: object, expected: object) -> bool:
        return self.check(name, found == expected, f"found {shown(found)}, expected {shown(expected)}")


def shown(value: object, limit: int = 300) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


# MARK: the environment and command line of a guard


def environment(home: str, tag: str = "") -> dict[str, str]:
    """The six variables that SDK clients pass on, and a guard's home that is not the user's."""
    kept = {key: os.environ[key] for key in ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER") if key in os.environ}
    return kept | {"MCP_GUARD_HOME": home, TAG: tag or uuid.uuid4().hex}


def guarded(guard: str | None, server: list[str], *options: str) -> list[str]:
    """The command that starts `server` behind `guard`, or bare without one."""
    return [guard, "run", "--server", "peer", *options, "--", *server] if guard else server


PYTHON = [sys.executable, "-I", "-S"]  # starts in a third of the time


# MARK: a conversation


class Stalled(Exception):
    """Something that had to happen did not happen in time."""


class End:
    """One end of a conversation: what was received so far, what waits to be written."""

    def __init__(self, read: int, write: int) -> None:
        self.read, self.write = read, write
        self.received = bytearray()
        self.outgoing: deque[memoryview] = deque()
        self.at_end = False  # the other side will send no more
        self.closing = False
        self.seen = 0  # where the next line() begins
        for descriptor in (read, write):
            os.set_blocking(descriptor, False)

    def send(self, data: bytes, sizes: Iterable[int] | None = None) -> None:
        """Queues `data`, one write a size; the last size repeats."""
        view, size = memoryview(data), len(data) or 1
        chunks = iter(sizes or ())
        while view:
            size = next(chunks, size)
            self.outgoing.append(view[:size])
            view = view[size:]

    def finish(self) -> None:
        """Closes the writing side as soon as everything queued is written."""
        self.closing = True

    def flush(self) -> None:
        try:
            while self.outgoing:
                chunk = self.outgoing[0]
                written = os.write(self.write, chunk)
                if written < len(chunk):
                    self.outgoing[0] = chunk[written:]
                    return
                self.outgoing.popleft()
        except BlockingIOError:
            return
        except (BrokenPipeError, ConnectionResetError):
            self.outgoing.clear()
        if self.closing and self.write >= 0:
            os.close(self.write)
            self.write = -1

    def fill(self) -> None:
        try:
            while data := os.read(self.read, 1 << 20):
                self.received += data
            self.at_end = True
        except BlockingIOError:
            pass
        except ConnectionResetError:
            self.at_end = True

    def close(self) -> None:
        for descriptor in (self.read, self.write):
            if descriptor >= 0:
                os.close(descriptor)
        self.read = self.write = -1


class Conversation:
    """A guard (or nothing) between two ends that the test itself holds.

    The server process only hands its descriptors over (puppet_server.py), so that what is written to `server` is exactly
    what the guard reads from it, and what `server` receives is exactly what the guard wrote.
    """

    def __init__(self, guard: str | None, *options: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="peers-")
        self.tag = uuid.uuid4().hex
        address = f"{self.folder}/puppet"
        self.errors = open(f"{self.folder}/stderr", "w+b")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen()
            listener.settimeout(PATIENCE)
            self.process = subprocess.Popen(
                guarded(guard, [*PYTHON, str(HERE / "puppet_server.py"), address], *options),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, bufsize=0,
                env=environment(self.folder, self.tag), start_new_session=True,
            )  # fmt: skip
            try:
                self.strings = listener.accept()[0]
            except TimeoutError:
                self.process.kill()
                raise Stalled("the server was not started") from None
        _, descriptors, _, _ = socket.recv_fds(self.strings, 1, 2)
        self.server = End(*descriptors)
        self.client = End(os.dup(self.process.stdout.fileno()), os.dup(self.process.stdin.fileno()))
        self.process.stdout.close()
        self.process.stdin.close()

    def until(self, happened: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Moves bytes on all four descriptors until `happened`; raises Stalled when time is up."""
        deadline = time.monotonic() + seconds
        while not happened():
            left = deadline - time.monotonic()
            if left <= 0:
                raise Stalled(f"{what} did not happen within {seconds:.1f} s")
            with selectors.DefaultSelector() as selector:
                for end in (self.client, self.server):
                    if end.read >= 0 and not end.at_end:
                        selector.register(end.read, selectors.EVENT_READ, end.fill)
                    if end.write >= 0 and (end.outgoing or end.closing):
                        selector.register(end.write, selectors.EVENT_WRITE, end.flush)
                if not selector.get_map():
                    raise Stalled(f"{what} cannot happen any more: everything is closed")
                for key, _ in selector.select(left):
                    key.data()

    def line(self, end: End, what: str = "a line") -> bytes:
        """The next line that `end` receives, without its newline."""
        self.until(lambda: end.received.find(b"\n", end.seen) >= 0 or end.at_end, what)
        stop = end.received.find(b"\n", end.seen)
        if stop < 0:
            raise Stalled(f"the stream ended before {what}")
        line = bytes(end.received[end.seen : stop])
        end.seen = stop + 1
        return line

    def ask(self, message: dict) -> bytes:
        """A request from the client, delivered to the server; returns the line the server got."""
        self.client.send(compact(message) + b"\n")
        return self.line(self.server, f"request {message.get('id')!r} at the server")

    def tell(self, message: dict) -> bytes:
        """A message from the server, delivered to the client."""
        self.server.send(compact(message) + b"\n")
        return self.line(self.client, "the server's message at the client")

    def server_exits(self, status: int) -> None:
        """Lets go of the server's descriptors and makes it exit, with a status, or by a signal when negative."""
        self.server.close()
        self.strings.sendall(status.to_bytes(2, "little", signed=True))

    def status(self, seconds: float = PATIENCE) -> int | None:
        """The exit status of what the client started, None when it does not end in time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stderr(self) -> bytes:
        self.errors.seek(0)
        return self.errors.read()

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.close()
        self.strings.close()
        end_all(self.tag)
        self.process.wait()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def compact(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def initialize(talk: Conversation, version: str) -> None:
    """The handshake of the legacy era."""
    about = {"protocolVersion": version, "capabilities": {}}
    talk.ask({"jsonrpc": "2.0", "id": "hello", "method": "initialize",
              "params": about | {"clientInfo": {"name": "peers", "version": "1"}}})  # fmt: skip
    talk.tell({"jsonrpc": "2.0", "id": "hello", "result": about | {"serverInfo": {"name": "puppet", "version": "1"}}})
    talk.ask({"jsonrpc": "2.0", "method": "notifications/initialized"})


# MARK: processes


def tagged(tag: str) -> dict[int, str]:
    """The living processes started with this tag: pid to command line. The dead but unreaped have no environment."""
    mark, found = f"{TAG}={tag}".encode(), {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                if mark in Path(f"/proc/{entry}/environ").read_bytes().split(b"\0"):
                    command = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                    found[int(entry)] = command.strip()
            except OSError:
                pass
    return found


def exits(pid: int, seconds: float) -> bool:
    """Waits until process `pid` is dead, reaped or not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            return bool(selector.select(max(0.0, seconds)))
    finally:
        os.close(descriptor)


def survivors(tag: str, deadline: float, spared: Iterable[int] = ()) -> dict[int, str]:
    """Waits until no process with the tag is left, but at most until `deadline`; returns those still there then."""
    while left := {pid: command for pid, command in tagged(tag).items() if pid not in spared}:
        for pid in left:
            if not exits(pid, deadline - time.monotonic()):
                return {pid: command for pid, command in tagged(tag).items() if pid not in spared}
    return {}


def end_all(tag: str, spared: Iterable[int] = ()) -> None:
    """Kills what is left of a round, so that it cannot disturb the next."""
    while left := set(tagged(tag)) - set(spared):
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            exits(pid, 1.0)


def adopt_orphans() -> None:
    """Makes this process the one to which orphaned descendants fall, instead of init."""
    PR_SET_CHILD_SUBREAPER = 36
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def reap_orphans() -> set[int]:
    """Reaps every dead child of this process; returns their pids."""
    reaped = set()
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return reaped
        if pid == 0:
            return reaped
        reaped.add(pid)
