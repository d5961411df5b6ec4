"""Lines broken at random, judged by the guard and by a reader of our own that is slow and plain: they must agree.

What the guard lets through, the plain reader must find unambiguous; what it refuses, the reader must find a fault in. And
no request of the client is answered twice.
"""

import json
import random

from harness import Checks, Conversation, Stalled, compact, initialize, shown
from plain_reader import Fault, Reader

SESSIONS, ROUNDS, LINES = 20, 10, 100  # how much is sent each way, with a ping behind each round

FROM_CLIENT = [
    b'{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"t","arguments":{"path":"/a/\xc3\xa4","n":[1,-2.5e3,true,null]}}}',
    b'{"method":"resources/read","params":{"uri":"file:///x","_meta":{"progressToken":7}},"jsonrpc":"2.0","id":"s@"}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5,"reason":"a \\"quote\\" \\u00e9\\ud83c\\udf89"}}',
    b' { "jsonrpc" : "2.0" , "id" : @ , "method" : "ping" }\r',
    b'{"jsonrpc":"2.0","id":@,"method":"x","params":{"a":[[],{},[{"b":"\xf0\x9f\x8e\x89"}]],"c":"\\/\\b\\n","d":0.1}}',
    b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"?"},"id":null}',
]
FROM_SERVER = [
    b'{"result":{"content":[{"type":"text","text":"\xc3\xa4 \\u00e9\\ud83c\\udf89 \\"q\\""}],"isError":false},"jsonrpc":"2.0","id":@}',
    b'{"jsonrpc":"2.0","id":@,"result":{"structuredContent":{"a":[1,-2.5e3,{"A":null,"a":true}],"b":{}},"_meta":{}}}',
    b'{"jsonrpc":"2.0","id":@,"error":{"code":-32602,"message":"no","data":{"why":["\\/",0.1]}}}\r',
    b'{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"x":["\xf0\x9f\x8e\x89"]}}}',
    b' { "jsonrpc" : "2.0" , "id" : @ , "result" : { } } ',
    b'{"jsonrpc":"2.0","id":"r@","method":"roots/list"}',
]
TOKENS = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b".", b"e", b"E5", b"+", b" ", b"\t", b"\r", b"\x00", b"\x7f",
    b"\xff", b"\xc3", b"\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\\u0000", b"\\ud800", b"\\udc00", b"\\u00", b"\\x",
    b"NaN", b"null", b"true", b"//", b"/**/", b"'", b'"id":', b'"id":@,', b'"method":"ping",', b'"jsonrpc":"2.0",', b'"a":1,',
    b'"\\u0061":2,', b'"A":3,', b'"result":{},', b'"error":{},', b'"params":null,', b"[" * 130, b"1e400", b"01", b'"\\u006dethod":"y",',
]  # fmt: skip


def run(guard: str, checks: Checks, _rounds: int) -> None:
    chance = random.Random(2026)
    for direction, seeds in (("client", FROM_CLIENT), ("server", FROM_SERVER)):
        for session in range(SESSIONS):
            with Conversation(guard) as talk:
                initialize(talk, "2025-11-25")
                try:
                    one_session(talk, checks, chance, direction, seeds, first=(session + 1) * 1_000_000)
                except Stalled as stalled:
                    checks.check(f"from the {direction}: the session lives on", False, stalled)


def one_session(talk: Conversation, checks: Checks, chance: random.Random, direction: str, seeds: list[bytes], first: int) -> None:
    reader = Reader(direction)
    for start in range(first, first + ROUNDS * LINES, LINES):
        numbers = range(start, start + LINES)
        lines = [mutated(chance, seeds).replace(b"@", b"%d" % number).replace(b"\n", b"") for number in numbers]
        if direction == "client":
            passed = behind(talk, talk.client, talk.server, lines, start)
        else:
            requests = [compact({"jsonrpc": "2.0", "id": number, "method": "ping"}) for number in numbers]
            behind(talk, talk.client, talk.server, requests, start)
            reader.awaited.update(str(number) for number in numbers)
            heard = behind(talk, talk.server, talk.client, lines, start)
            refusals = [line for line in heard if b'"code":40304,' in line and line not in lines]
            passed = [line for line in heard if line not in refusals]
            for refusal in refusals:
                identity = json.dumps(json.loads(refusal)["id"])
                checks.check(f"one answer to {identity}", identity in reader.awaited, shown(refusal))
                reader.awaited.discard(identity)
        compare(checks, f"from the {direction}", reader, lines, passed)


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    line = bytearray(chance.choice(seeds))
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        at = chance.randrange(len(line) + 1)
        kind = chance.randrange(6)
        if kind < 2:
            line[at:at] = chance.choice(TOKENS)
        elif kind == 2:
            del line[at : at + chance.choice([1, 1, 2, 8])]
        elif kind == 3 and at < len(line):
            line[at] ^= 1 << chance.randrange(8)
        elif kind == 4:
            start = chance.randrange(len(line) + 1)
            line[at:at] = line[start : start + chance.randrange(30)]
        else:
            other = chance.choice(seeds)
            start = chance.randrange(len(other))
            line[at:at] = other[start : start + chance.randrange(40)]
    return bytes(line)


def behind(talk: Conversation, sender, receiver, lines: list[bytes], number: int) -> list[bytes]:
    """Sends the lines and a notification behind them; the lines that arrived before it."""
    last = compact({"jsonrpc": "2.0", "method": "notifications/behind", "params": {"number": number}}) + b"\n"
    sender.send(b"".join(line + b"\n" for line in lines) + last)
    talk.until(lambda: receiver.received.find(last, receiver.seen) >= 0, "the notification behind the lines")
    start, stop = receiver.seen, receiver.received.find(last, receiver.seen)
    receiver.seen = stop + len(last)
    return bytes(receiver.received[start:stop]).split(b"\n")[:-1]


def compare(checks: Checks, name: str, reader: Reader, lines: list[bytes], passed: list[bytes]) -> None:
    waiting = list(passed)
    for line in lines:
        went = bool(waiting) and waiting[0] == line
        if went:
            waiting.pop(0)
        try:
            sure = reader.judge(line, went)
            checks.check(f"{name}: {shown(line)}", went or not sure, "refused, though nothing is wrong with it")
        except Fault as fault:
            checks.check(f"{name}: {shown(line)}", not went, f"passed, though {fault}")
    checks.check(f"{name}: nothing else arrives, and in order", not waiting, shown(waiting))
