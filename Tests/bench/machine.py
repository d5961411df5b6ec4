"""The header of the report: where and on what the numbers were measured."""

import datetime
import os
import platform
import shutil
import subprocess

from programs import ON_LINUX, ROOT


def describe_machine(given_guard):
    """`given_guard` is the path that the user named instead of letting the bench build, or None."""
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        "system": f"{system()}, {platform.system()} {platform.release()}",
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "guard": f"given as {given_guard}" if given_guard else f"built from {commit()}",
        "compilers": f"{first_line('swift', '--version')}; {first_line('cc', '--version')}",
    }


class Bystanders:
    """How much of the machine's CPU time went to processes that the bench did not start: they disturb its times."""

    def __init__(self):
        self.began = self.reading()

    def share(self):
        busy, own, whole = (now - then for now, then in zip(self.reading(), self.began))
        return f"{max(0, busy - own) / whole:.0%} of the CPU time" if whole else "unknown"

    @staticmethod
    def reading():
        """Seconds so far: in which a core worked, in which it worked for the bench, and all there were."""
        if not ON_LINUX:
            return 0, 0, 0
        with open("/proc/stat") as file:
            user, nice, system, idle, waiting, interrupt, soft_interrupt, steal = map(int, file.readline().split()[1:9])
        ticks = os.sysconf("SC_CLK_TCK")
        busy = (user + nice + system + interrupt + soft_interrupt + steal) / ticks
        return busy, sum(os.times()[:4]), busy + (idle + waiting) / ticks


def first_line(*command):
    if shutil.which(command[0]) is None:
        return f"no {command[0]}"
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return (done.stdout.splitlines() or [""])[0]


def value_in(path, key, separator):
    """The value of the first "key separator value" line of a file."""
    with open(path) as lines:
        for line in lines:
            name, found, value = line.partition(separator)
            if found and name.strip() == key:
                return value.strip().strip('"')
    return "unknown"


def processor():
    if ON_LINUX:
        return value_in("/proc/cpuinfo", "model name", ":")
    return first_line("sysctl", "-n", "machdep.cpu.brand_string")


def system():
    if ON_LINUX:
        return value_in("/etc/os-release", "PRETTY_NAME", "=")
    return f"macOS {platform.mac_ver()[0]}"


def commit():
    name = first_line("git", "describe", "--always", "--tags") or "no commit"
    changed = first_line("git", "--no-optional-locks", "status", "--porcelain")
    return f"{name} + uncommitted" if changed else name
