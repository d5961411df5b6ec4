"""What a server finds when it starts must be what it would find without the guard, but for its parent."""

import json
import subprocess
import sys
import tempfile

from harness import PATIENCE, Checks, environment

LOOK_AROUND = r"""
import json, os, resource, sys
threading = 3 << 31  # signals 32 and 33, which glibc keeps for itself and posix_spawn sets to be ignored
status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines())
answer = {
    "arguments": sys.argv[1:],
    "environment": repr(sorted(os.environb.items())),
    "folder": os.getcwd(),
    "descriptors": [fd for fd in range(256) if os.path.exists(f"/proc/self/fd/{fd}")],
    "signals blocked": status["SigBlk"], "signals ignored": int(status["SigIgn"], 16) & ~threading,
    "umask": status["Umask"], "capabilities": status["CapEff"], "no new privileges": status["NoNewPrivs"],
    "user": os.getresuid(), "group": os.getresgid(), "priority": os.nice(0),
    "limits": [resource.getrlimit(number) for number in range(16)],
    "process group of its client's child": os.getpgrp() == int(os.environ["LEADER"]),
    "session of its client's child": os.getsid(0) == int(os.environ["LEADER"]),
}
json.dump(answer, sys.stderr)
"""
ODD = ["", "a b", "--", "--server", "-x", "'\"\\$HOME*", "ä\nö", "{}"]


def run(guard: str, checks: Checks, _rounds: int) -> None:
    for name, prefix in [
        ("run", [guard, "run", "--server", "a b", "--"]),
        ("short form", [guard, "--"]),
        ("options with =", [guard, "run", "--server=peer", "--line-limit=2MiB", "--"]),
    ]:
        bare, guarded = look([]), look(prefix)
        for what in bare:
            checks.equal(f"{name}: {what}", guarded.get(what), bare[what])


def look(prefix: list[str]) -> dict[str, object]:
    """Starts the server as the Python client does, in a group of its own, with odd arguments and variables."""
    command = [*prefix, sys.executable, "-I", "-c", LOOK_AROUND, *ODD]
    with tempfile.TemporaryDirectory() as home:
        variables = environment(home, "the same for all") | {"EMPTY": "", "lower": "ä=\n", "A.B-C": "1"}
        # The shell knows the id of the process that the client starts, and becomes it.
        process = subprocess.run(
            ["sh", "-c", 'LEADER=$$ exec "$@"', "sh", *command], env=variables, cwd=home, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=PATIENCE, start_new_session=True, umask=0o27,
        )  # fmt: skip
        seen = json.loads(process.stderr)
        leader = seen["environment"].split("(b'LEADER', b'")[1].split("'")[0]
        return {key: json.dumps(value).replace(home, "HOME").replace(leader, "LEADER") for key, value in seen.items()}
