"""Builds what the bench runs: the guard with SwiftPM, its own C programs with cc."""

import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent.parent
ON_LINUX = sys.platform == "linux"

SOURCES = {
    "relay": ["relay.c"],
    "server": ["server.c"],
    "driver": ["driver.c", "session.c", "footprint.c"],
}
STATIC = ["-Xswiftc", "-static-executable", "-Xlinker", "-s"] if ON_LINUX else []


def progress(text):
    print(text, file=sys.stderr, flush=True)


def compile_programs(folder):
    """Returns the path of every program, by name."""
    programs = {}
    for name, sources in SOURCES.items():
        programs[name] = compile_c(sources, folder / name, ["-pthread"])
    if ON_LINUX:
        programs["malloc_count"] = compile_c(["malloc_count.c"], folder / "malloc_count.so", ["-shared", "-fPIC"])
    return programs


def compile_c(sources, output, options):
    paths = [str(BENCH / source) for source in sources]
    run_compiler(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", *options, *paths, "-o", str(output)])
    return output


def build_guard():
    """The binary that is released: static on Linux."""
    return swift_build(STATIC)


def build_guard_for_counting():
    """A binary that LD_PRELOAD can reach, built beside the released one so that neither rebuilds the other."""
    return swift_build(["--scratch-path", str(ROOT / ".build" / "bench-dynamic")]) if ON_LINUX else None


def swift_build(options):
    command = ["swift", "build", "-c", "release", "--product", "mcp-guard", *options]
    progress("building: " + " ".join(command).replace(str(ROOT), "."))
    run_compiler(command)
    shown = subprocess.run([*command, "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return Path(shown.stdout.strip()) / "mcp-guard"


def run_compiler(command):
    """Its output goes to stderr: stdout is for the table."""
    if subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode != 0:
        raise SystemExit(f"bench: failed: {' '.join(command)}")
