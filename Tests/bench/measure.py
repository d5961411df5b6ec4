"""Runs the driver against the three ways to reach the server, in turns, and keeps the medians."""

import json
import os
import signal
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from programs import ON_LINUX, progress

RUN_SECONDS = 60  # a measurement that takes longer hangs
BUSY_MICROSECONDS = 6
# How many round trips one round makes, by the size of the answer in bytes.
ROUND_TRIPS = {64: 3000, 4096: 3000, 65536: 600, 1048576: 100}
FLOODS = {"answers at once": (200_000, []), "takes 6 µs": (20_000, ["--busy-us", str(BUSY_MICROSECONDS)])}
STARTS = 10
MIB = 1024 * 1024
# The whole line, just within 64 MiB; a request is kept well within it.
BIG_ANSWER = 64 * MIB
BIG_REQUEST = 62 * MIB


@dataclass
class Effort:
    rounds: int
    scale: float  # of the work in one round


@dataclass
class Bench:
    folder: Path
    programs: dict
    guard: Path
    effort: Effort

    def ways(self, server_options=()):
        """The commands that reach the server."""
        server = [str(self.programs["server"]), *server_options]
        return {
            "relay": [str(self.programs["relay"]), "run", "--", *server],
            "guard": [str(self.guard), "run", "--", *server],
            "direct": server,
        }

    def drive(self, measurement, command, pinned=False):
        """One run of the driver: the numbers that it prints. Pinned, everything it starts shares its one core."""
        driver = [str(self.programs["driver"]), *map(str, measurement), "--", *command]
        environment = {**os.environ, "MCP_GUARD_HOME": str(self.folder / "home")}
        # A file, not a pipe: a process that outlives the measurement would keep a pipe open.
        with tempfile.TemporaryFile("w+") as errors:
            process = subprocess.Popen(
                driver, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, env=environment,
                start_new_session=True, preexec_fn=pin_to_one_core if pinned else None)
            try:
                output, _ = process.communicate(timeout=RUN_SECONDS)
                failure = "failed" if process.returncode != 0 else None
            except subprocess.TimeoutExpired:
                failure = f"no end after {RUN_SECONDS} s"
            if failure:
                end_session(process)
                errors.seek(0)
                raise SystemExit(f"bench: {failure}: {' '.join(driver)}\n{errors.read()}")
        return json.loads(output)

    def take_turns(self, measurement, pinned=False, server_options=()):
        """Every way once a round, so that a slow moment of the machine falls on all of them.

        Every other round goes backwards: none is always the one that follows another.
        """
        ways = list(self.ways(server_options).items())
        samples = {name: [] for name, _ in ways}
        for _ in range(self.effort.rounds):
            for name, command in ways:
                samples[name].append(self.drive(measurement, command, pinned))
            ways.reverse()
        return summarise(samples)

    def scaled(self, count):
        return max(1, round(count * self.effort.scale))


def end_session(process):
    """Ends the driver and whatever it started that is still there."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def pin_to_one_core():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def summarise(samples):
    """For each number that the driver prints: its median over the rounds, and the medians of guard against the rest."""
    summary = {}
    for number in samples["guard"][0]:
        series = {name: [sample[number] for sample in rounds] for name, rounds in samples.items()}
        against = lambda other, compare: statistics.median(map(compare, series["guard"], series[other]))
        summary[number] = {name: statistics.median(values) for name, values in series.items()}
        summary[number]["guard over relay"] = against("relay", lambda guard, relay: guard / relay)
        summary[number]["guard minus direct"] = against("direct", lambda guard, direct: guard - direct)
    return summary


def measure_times(bench):
    times = {"round trip": {}, "flood": {}, "start": {}}
    for placement, pinned in placements().items():
        for size, count in ROUND_TRIPS.items():
            progress(f"round trips: {size} bytes, {placement}")
            measurement = ["round-trip", size, bench.scaled(count)]
            times["round trip"][f"{size} {placement}"] = bench.take_turns(measurement, pinned)
        for server, (count, options) in FLOODS.items():
            progress(f"pipelined calls: a server that {server}, {placement}")
            measurement = ["flood", bench.scaled(count)]
            times["flood"][f"{server} {placement}"] = bench.take_turns(measurement, pinned, options)
        progress(f"start to first reply, {placement}")
        times["start"][placement] = bench.take_turns(["start", STARTS], pinned)
    return times


def placements():
    """Pinned is the steadier: unpinned, starts were seen to take 3 ms more while another program kept a core busy."""
    return {"pinned": True, "unpinned": False} if ON_LINUX else {"unpinned": False}


def measure_memory(bench):
    if not ON_LINUX:
        return {"skipped": "memory is read from /proc, which only Linux has"}
    progress("memory")
    ways = bench.ways()
    measurement = ["memory", bench.programs["server"], BIG_ANSWER, BIG_REQUEST]
    return {name: bench.drive(measurement, ways[name]) for name in ("relay", "guard")}
