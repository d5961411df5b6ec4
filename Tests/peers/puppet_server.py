"""A server on strings: hands its stdin and stdout to the test at the given socket, then ends as the test tells it to."""

import os
import signal
import socket
import sys

strings = socket.socket(socket.AF_UNIX)
strings.connect(sys.argv[1])
socket.send_fds(strings, [b"!"], [0, 1])
nowhere = os.open(os.devnull, os.O_RDWR)
os.dup2(nowhere, 0)
os.dup2(nowhere, 1)

order = strings.recv(2, socket.MSG_WAITALL)
status = int.from_bytes(order, "little", signed=True)
if status < 0:
    signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
    os.kill(os.getpid(), -status)
os._exit(status)
