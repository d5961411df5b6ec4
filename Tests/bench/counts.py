"""Counts what one message costs in system calls and in allocations: numbers that no busy machine disturbs.

Each is counted over a short and over a long session. The difference is free of start and end.
"""

import collections
import re
import shutil
import struct

from programs import ON_LINUX, progress

ANSWER_SIZE = 64
# Round trips of the short and the long session. A trace slows them down; without one, they have to last long enough for
# whatever a guard does only once, soon after its start, to be in both.
TRACED = (200, 1200)
UNTRACED = (20_000, 60_000)


def measure_counts(bench, countable_guard):
    return {
        "system calls": count_system_calls(bench),
        "allocations": count_allocations(bench, countable_guard),
    }


def count_system_calls(bench):
    if shutil.which("strace") is None:
        return {"skipped": "strace is not installed"}
    progress("system calls")
    ways = bench.ways()
    counts = {}
    for name in ("relay", "guard"):
        counts[name] = per_message(TRACED, lambda trips: traced_calls(bench, ways[name], trips))
    return counts


def count_allocations(bench, countable_guard):
    if not ON_LINUX:
        return {"skipped": "the counter is preloaded the way Linux does it"}
    progress("allocations")
    ways = bench.ways()
    ways["guard"][0] = str(countable_guard)
    counts = {}
    for name in ("relay", "guard"):
        try:
            counts[name] = per_message(UNTRACED, lambda trips: counted_allocations(bench, ways[name], trips))
        except FileNotFoundError:
            return {"skipped": f"the counter left no file for the {name}: linked statically, it cannot be reached"}
    return counts


def per_message(trips, count):
    """`count` gives the counts of a session of so many round trips, by name. Names that do not grow are left out."""
    short, long = map(count, trips)
    messages = 2 * (trips[1] - trips[0])
    growth = {name: (long[name] - short.get(name, 0)) / messages for name in long}
    return {name: value for name, value in sorted(growth.items(), key=lambda item: -item[1]) if value >= 0.0005}


def traced_calls(bench, command, trips):
    """The system calls of the command's own threads. What they start (the server) is left out: another program."""
    folder = fresh_folder(bench, "trace")
    traced = ["strace", "-ff", "-qq", "-o", str(folder / "thread"), *command]
    bench.drive(["round-trip", ANSWER_SIZE, trips], traced)
    calls = collections.Counter()
    for thread in folder.iterdir():
        text = thread.read_text(errors="replace")
        programs = re.findall(r'^execve\("([^"]*)".* = 0$', text, re.MULTILINE)
        if not programs or programs[-1] == command[0]:
            calls.update(re.findall(r"^(\w+)\(", text, re.MULTILINE))
    return calls


def counted_allocations(bench, command, trips):
    folder = fresh_folder(bench, "allocations")
    preload = [f"LD_PRELOAD={bench.programs['malloc_count']}", f"MALLOC_COUNT_FOLDER={folder}"]
    bench.drive(["round-trip", ANSWER_SIZE, trips], ["env", *preload, *command])
    program = command[0].rpartition("/")[2]
    files = list(folder.glob(f"{program}.*"))
    if not files:
        raise FileNotFoundError(f"{folder}/{program}.*")
    return {"malloc": sum(struct.unpack("=Q", file.read_bytes())[0] for file in files)}


def fresh_folder(bench, name):
    folder = bench.folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
