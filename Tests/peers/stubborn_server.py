"""A server for the kill matrix: it answers every request with its process ids, and dies only of what it is told to.

--deaf         does not end when its input ends        --flood NAME   writes to stdout or stderr without pause
--ignore       ignores SIGTERM, SIGINT and SIGHUP      --echo         answers calls with their text
--grandchild   starts a `sleep` that ignores them too  --tidy         ends its grandchild before it exits
"""

import json
import os
import select
import signal
import subprocess
import sys

wishes = sys.argv[1:]
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN if "--ignore" in wishes else signal.SIG_DFL)

pids, grandchild = [os.getpid()], None
if "--grandchild" in wishes:
    # It keeps the server's stdout and stderr, as careless grandchildren do.
    script = 'trap "" TERM INT HUP PIPE; echo ready >&9; exec 9>&-; exec sleep 1000'
    reading, writing = os.pipe()
    grandchild = subprocess.Popen(["sh", "-c", "exec 9>&%d; %s" % (writing, script)], pass_fds=[writing], stdin=subprocess.DEVNULL)
    os.close(writing)
    os.read(reading, 6)
    pids.append(grandchild.pid)

FLOODS = {
    "stdout": (1, b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"%s"}}\n' % (b"x" * 3900)),
    "stderr": (2, b"y" * 4000 + b"\n"),
}
flood = FLOODS[wishes[wishes.index("--flood") + 1]] if "--flood" in wishes else None


def answer(line: bytes) -> None:
    message = json.loads(line)
    if "id" in message and "method" in message:
        text = message.get("params", {}).get("arguments", {}).get("text")
        result = {"echo": text} if "--echo" in wishes and text is not None else {"pids": pids}
        data = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode() + b"\n"
        while data:
            data = data[os.write(1, data) :]


def end_of_input() -> None:
    if "--deaf" in wishes:
        while True:
            signal.pause()
    if grandchild and "--tidy" in wishes:
        grandchild.kill()
        grandchild.wait()
    os._exit(7)


pending, greeted = b"", 0
while True:
    if flood and greeted == 3:
        os.write(*flood)
        if flood[0] == 1 or not select.select([0], [], [], 0.001)[0]:
            continue  # stuck in a full stdout, it would not hear of the end of its input either
    if not (chunk := os.read(0, 65536)):
        end_of_input()
    *lines, pending = (pending + chunk).split(b"\n")
    for line in lines:
        answer(line)
        greeted += 1
