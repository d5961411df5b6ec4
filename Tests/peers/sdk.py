"""The SDK's own tests of its stdio client, once bare and once with the guard in between: every result must be the same."""

import os
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

from harness import HERE, PEERS, Checks

TESTS = [
    "tests/transports/stdio",
    "tests/client/test_stdio.py",
    "tests/client/test_session_group.py",
    "tests/client/test_client.py",
    "tests/interaction/transports/test_stdio.py",
    "tests/issues",
    "tests/docs_src/test_client_transports.py",
    "tests/docs_src/test_run.py",
]
FEWEST = 140  # that really run; far fewer would mean that something else was tested

# The bare client learns from its own exec that there is no such command. A guard can only start and say so.
INHERENT = {
    "tests.client.test_stdio::test_a_command_that_cannot_be_execed_raises_enoent": ("passed", "failed"),
}


def run(guard: str, checks: Checks, _rounds: int) -> None:
    bare, guarded = results(None), results(guard)
    checks.check("the bare tests run", list(bare.values()).count("passed") >= FEWEST, f"{len(bare)} tests")
    for test in sorted(bare.keys() | guarded.keys()):
        found = (bare.get(test, "missing"), guarded.get(test, "missing"))
        if test in INHERENT:
            checks.equal(f"{test}, inherently different", found, INHERENT[test])
        else:
            checks.check(test, found[0] == found[1], f"bare {found[0]}, with the guard {found[1]}")
    missing = INHERENT.keys() - bare.keys()
    checks.check("the inherently different tests are among them", not missing, missing)


OUTCOMES = {"failure": "failed", "error": "error", "skipped": "skipped"}


def results(guard: str | None) -> dict[str, str]:
    """Test to outcome: passed, failed, error or skipped."""
    with tempfile.TemporaryDirectory() as home:
        report = f"{home}/report.xml"
        plugin = ["-p", "sdk_spawn_plugin"] if guard else []
        variables = {"PEERS_GUARD": guard or "", "MCP_GUARD_HOME": home, "PYTHONPATH": str(HERE)}
        done = subprocess.run(
            [PEERS / "modern/bin/python", "-B", "-m", "pytest", *plugin, "-q", "--no-header", "--color=no", "--tb=short",
             "-p", "no:cacheprovider", "-o", "log_cli=false", "--timeout=120", f"--junitxml={report}", *TESTS],
            cwd=PEERS / "mcp-2.3.0", env=os.environ | variables, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        if not os.path.exists(report):
            raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-500:]} {done.stderr[-500:]}")
        found = {}
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            outcomes = [OUTCOMES[child.tag] for child in case if child.tag in OUTCOMES]
            found[name] = outcomes[0] if outcomes else "passed"
        unexpected = [name for name, outcome in found.items() if outcome in ("failed", "error") and name not in INHERENT]
        if unexpected:
            print(done.stdout[-6000:])
        return found
