"""A client written for Node, whose children have sockets as stdio and which signals nobody but the guard."""

import json
import signal
import subprocess
import tempfile
import time
import uuid

from harness import HERE, PATIENCE, PYTHON, Checks, adopt_orphans, end_all, environment, guarded, reap_orphans, survivors

BOUND = 1.5  # seconds until everything is gone; the TypeScript client takes to SIGKILL after 2
ENDINGS = {  # how the client ends, and how the guard may: its exit code and signal as Node reports them
    "eof": [(7, None)],
    "SIGTERM": [(None, "SIGTERM"), (7, None)],
    "SIGHUP": [(None, "SIGHUP"), (None, "SIGTERM"), (7, None)],
    "SIGINT": [(None, "SIGINT"), (None, "SIGTERM"), (7, None)],
    "probe": [(None, "SIGTERM"), (7, None)],
    "SIGKILL": [(None, "SIGKILL")],
    "crash": None,  # nobody is left to be told
}
SERVERS = {"node": ["node", str(HERE / "node_server.js")], "python": [*PYTHON, str(HERE / "stubborn_server.py"), "--echo", "--grandchild", "--tidy"]}


def run(guard: str, checks: Checks, _rounds: int) -> None:
    adopt_orphans()
    for server, command in SERVERS.items():
        for ending, allowed in ENDINGS.items():
            for _ in range(2):
                meet(guard, checks, f"{server} server, {ending}", command, ending, allowed)


def meet(guard: str, checks: Checks, name: str, server: list[str], ending: str, allowed: list | None) -> None:
    tag = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as home:
        client = subprocess.Popen(["node", str(HERE / "node_client.js"), ending, *guarded(guard, server)],
                                  stdout=subprocess.PIPE, env=environment(home, tag), text=True)  # fmt: skip
        try:
            events = following(client, tag)
            answered = events.get("answered", {})
            calls = 1 if ending == "probe" else 201
            checks.equal(f"{name}: answers", answered.get("count"), calls)
            checks.check(f"{name}: their content", answered.get("whole") is True)
            elapsed, left = events["elapsed"], events["left"]
            checks.check(f"{name}: all gone within {BOUND} s", not left, f"after {elapsed:.2f} s still there: {left}")
            if allowed:
                end = events.get("exit", {})
                found = (end.get("code"), end.get("signal"))
                checks.check(f"{name}: the guard's status", found in allowed, f"found {found}, allowed {allowed}")
        finally:
            end_all(tag)
            client.wait()
            client.stdout.close()
            reap_orphans()


def following(client: subprocess.Popen, tag: str) -> dict:
    """The client's events; from its ending on, the clock runs until every process of the round is gone."""
    events = {}
    guard_against_silence = signal.signal(signal.SIGALRM, lambda *_: client.kill())
    signal.alarm(int(PATIENCE))
    try:
        for line in client.stdout:
            event = json.loads(line)
            events[event["event"]] = event
            if event["event"] == "answered":
                break
        began = time.monotonic()
        events["left"] = survivors(tag, began + BOUND, spared=[client.pid])
        events["elapsed"] = time.monotonic() - began
        end_all(tag, spared=[client.pid])  # so that the client hears the end of it, too
        for line in client.stdout:
            event = json.loads(line)
            events[event["event"]] = event
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, guard_against_silence)
    return events
