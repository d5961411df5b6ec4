"""The table: one row a measurement, the budget of this stage beside it."""

from dataclasses import asdict, dataclass
from typing import Optional

# What the guard may cost at this stage. Everything else is printed for information.
ROUND_TRIP_RATIO = 1.3  # of the relay's p50, on one core, for the sizes below
ROUND_TRIP_SIZES = (64, 4096)
FLOOD_RATIO = 2.0  # of the relay's time, with a server that takes 6 µs
START_MILLISECONDS = 2.0  # over the bare server, on one core
IDLE_MIB = 4.0
AFTER_BIG_MESSAGE_MIB = 16.0

SIZE_NAMES = {64: "64 B", 4096: "4 KiB", 65536: "64 KiB", 1048576: "1 MiB"}


@dataclass
class Row:
    what: str
    unit: str
    direct: Optional[float]
    relay: Optional[float]
    guard: float
    compared: float  # what the budget speaks of
    comparison: str  # "×" the relay, or the unit of an absolute number
    budget: Optional[float] = None

    def verdict(self):
        if self.budget is None:
            return ""
        return "PASS" if self.compared <= self.budget else "over"

    def record(self):
        return {**asdict(self), "verdict": self.verdict()}

    def cells(self):
        numbers = [f"{figure(value)} {self.unit}".strip() if value is not None else "" for value in
                   (self.direct, self.relay, self.guard)]
        budget = "" if self.budget is None else f"≤ {self.budget:g} {self.comparison}"
        return [self.what, *numbers, f"{self.compared:.2f} {self.comparison}".strip(), budget, self.verdict()]


def figure(value):
    """Three digits or so: 0.012, 1.23, 45.6, 789, 123,456."""
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"


def rows(measured):
    times, memory, counts = measured["times"], measured["memory"], measured["counts"]
    return [
        *(row for key, summary in times["round trip"].items() for row in round_trip_rows(key, summary)),
        *(flood_row(key, summary["per_second"]) for key, summary in times["flood"].items()),
        *(start_row(placement, summary["p50_us"]) for placement, summary in times["start"].items()),
        *([] if "skipped" in memory else memory_rows(memory)),
        *(count_row(what, count) for what, count in counts.items() if "skipped" not in count),
    ]


def round_trip_rows(key, summary):
    size, placement = key.split(" ")
    budgeted = placement == "pinned" and int(size) in ROUND_TRIP_SIZES
    for number, name in (("p50_us", "p50"), ("p99_us", "p99")):
        values = summary[number]
        budget = ROUND_TRIP_RATIO if budgeted and name == "p50" else None
        what = f"round trip {SIZE_NAMES[int(size)]}, {placement}, {name}"
        yield Row(what, "µs", values["direct"], values["relay"], values["guard"],
                  values["guard over relay"], "×", budget)


def flood_row(key, values):
    server, placement = key.rsplit(" ", 1)
    budget = FLOOD_RATIO if "µs" in server else None
    return Row(f"pipelined, server {server}, {placement}", "/s", values["direct"], values["relay"], values["guard"],
               1 / values["guard over relay"], "×", budget)


def start_row(placement, values):
    milliseconds = {name: value / 1000 for name, value in values.items()}
    budget = START_MILLISECONDS if placement == "pinned" else None
    return Row(f"start to first reply, over direct, {placement}", "ms", milliseconds["direct"], milliseconds["relay"],
               milliseconds["guard"], milliseconds["guard minus direct"], "ms", budget)


def memory_rows(memory):
    def row(what, moment, number, budget=None):
        relay, guard = (memory[name][moment][number] / 1024 for name in ("relay", "guard"))
        refused = "" if memory["guard"][moment]["passed"] else " (refused)"
        return Row(what + refused, "MiB", None, relay, guard, guard, "MiB", budget)

    return [
        row("memory idle, RSS", "idle", "rss_kib", IDLE_MIB),
        row("memory idle, PSS", "idle", "pss_kib"),
        row("memory after a 64 MiB answer, RSS", "after_answer", "rss_kib", AFTER_BIG_MESSAGE_MIB),
        row("memory after a 62 MiB request, RSS", "after_request", "rss_kib", AFTER_BIG_MESSAGE_MIB),
        row("memory at its peak, RSS", "after_request", "peak_rss_kib"),
    ]


def count_row(what, counts):
    relay, guard = (sum(counts[name].values()) for name in ("relay", "guard"))
    return Row(f"{what} a message", "", None, relay, guard, guard, "")


def markdown(machine, table, measured):
    header = [f"- {name}: {value}" for name, value in machine.items()]
    titles = ["what", "direct", "relay", "guard", "compared", "budget", ""]
    lines = [titles, ["---"] + ["---:"] * 5 + ["---"], *(row.cells() for row in table)]
    return "\n".join([*header, "", *("| " + " | ".join(line) + " |" for line in lines), "", *notes(measured)])


def notes(measured):
    yield "`×` is the guard's time over the relay's: the median of the rounds' own ratios, not the quotient of the columns."
    calls = measured["counts"]["system calls"]
    if "skipped" not in calls:
        named = ", ".join(f"{name} {value:.2f}" for name, value in calls["guard"].items())
        yield f"System calls of the guard, a message: {named}."
    for what, result in {"memory": measured["memory"], **measured["counts"]}.items():
        if "skipped" in result:
            yield f"Skipped: {what}: {result['skipped']}."
