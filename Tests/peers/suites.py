"""Runs the suites and adds up their checks."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from harness import Checks

SUITES = {
    "oddities": "odd and hostile lines in both directions",
    "mutations": "lines broken at random, judged a second time by a plain reader",
    "surroundings": "what a server finds when it starts",
    "stderr": "the server's stderr, read and unread",
    "deaths": "servers that die or never start",
    "differential": "transcripts with and without the guard, byte for byte",
    "servers": "real servers and the official Python client",
    "node": "a client as Node writes it",
    "kill_matrix": "every way to end, with every kind of server",
    "sdk": "the Python SDK's own tests of its stdio client",
}


def main() -> int:
    about = "suites:\n" + "\n".join(f"  {name:14}{what}" for name, what in SUITES.items())
    options = argparse.ArgumentParser(
        prog="run", allow_abbrev=False, epilog=about, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    options.add_argument("--guard", required=True, type=Path, help="the mcp-guard binary")
    options.add_argument("--only", action="append", choices=SUITES, metavar="NAME", help="this suite alone; may be repeated")
    options.add_argument("--rounds", type=int, default=100, help="rounds of the kill matrix")
    chosen = options.parse_args()
    guard = chosen.guard.resolve()
    if not guard.is_file():
        options.error(f"no such file: {guard}")

    total = Checks("all")
    for name in chosen.only or SUITES:
        checks, began = Checks(name), time.monotonic()
        try:
            importlib.import_module(name).run(str(guard), checks, chosen.rounds)
        except Exception as error:  # a suite that breaks off has failed; the others still run
            checks.check("the suite runs to its end", False, f"{type(error).__name__}: {error}")
        print(f"{name}: {checks.passed} passed, {checks.failed} failed, {time.monotonic() - began:.1f} s", flush=True)
        total.passed += checks.passed
        total.failed += checks.failed
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
