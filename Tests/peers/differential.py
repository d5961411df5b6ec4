"""The same transcript with and without a guard: both directions must come out byte for byte the same.

A transcript is a list of turns: ("client", bytes) is written to the guard and awaited at the server, ("server", bytes) the
other way round. Each is written in a random split into writes. Only well-formed lines here; see oddities.py for the rest.
"""

import json
import random

from harness import Checks, Conversation, Stalled, compact, shown

Turn = tuple[str, bytes]
Sizes = list[int] | None


def run(guard: str, checks: Checks, _rounds: int) -> None:
    for name, turns, splits in transcripts():
        for seed, sizes in enumerate(splits):
            bare, watched = play(None, turns, sizes, seed), play(guard, turns, sizes, seed + 1000)
            for what in bare:
                checks.check(f"{name}, split {seed}: {what}", watched[what] == bare[what],
                             difference(watched[what], bare[what]))  # fmt: skip


def play(guard: str | None, turns: list[Turn], sizes: Sizes, seed: int) -> dict[str, object]:
    """Everything that can be observed of one run."""
    chance = random.Random(seed)
    trouble = ""
    with Conversation(guard) as talk:
        ends = {"client": (talk.client, talk.server), "server": (talk.server, talk.client)}
        awaited = {"client": 0, "server": 0}
        try:
            for index, (who, data) in enumerate(turns):
                writer, reader = ends[who]
                awaited[who] += len(data)
                writer.send(data, iter(lambda: chance.choice(sizes), None) if sizes else None)
                # An unterminated last line may be held back until the end of its stream.
                if data.endswith(b"\n"):
                    talk.until(lambda: len(reader.received) >= awaited[who], f"turn {index} by the {who}")
            talk.client.finish()
            talk.until(lambda: talk.server.at_end, "the end of the server's input")
            talk.until(lambda: not talk.server.outgoing, "the server's last write")
            talk.server_exits(7)
            talk.until(lambda: talk.client.at_end, "the end of the client's input")
        except Stalled as stalled:
            trouble = str(stalled)
        return {"client to server": bytes(talk.server.received), "server to client": bytes(talk.client.received),
                "stderr": talk.stderr(), "status": talk.status(5), "trouble": trouble}  # fmt: skip


def difference(found: object, expected: object) -> str:
    if not isinstance(found, bytes) or not isinstance(expected, bytes):
        return f"found {found!r}, bare {expected!r}"
    at = next((i for i, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b),
              min(len(found), len(expected)))  # fmt: skip
    near = slice(max(0, at - 60), at + 60)
    return f"{len(found)} bytes, bare {len(expected)}, from byte {at}: {shown(found[near])}, bare {shown(expected[near])}"


# MARK: transcripts


def line(message: object) -> bytes:
    return compact(message) + b"\n"


def request(identity: object, method: str, params: dict | None = None) -> bytes:
    return line({"jsonrpc": "2.0", "id": identity, "method": method} | ({} if params is None else {"params": params}))


def notice(method: str, params: dict | None = None) -> bytes:
    return line({"jsonrpc": "2.0", "method": method} | ({} if params is None else {"params": params}))


def result(identity: object, value: object) -> bytes:
    """As TypeScript servers write it: the id last."""
    return line({"result": value, "jsonrpc": "2.0", "id": identity})


def handshake(version: str) -> list[Turn]:
    about = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
    return [
        ("client", request(0, "initialize", about)),
        ("server", result(0, about | {"serverInfo": {"name": "s", "version": "1"}, "instructions": "be kind"})),
        ("client", notice("notifications/initialized")),
    ]


def text(value: str) -> dict:
    return {"content": [{"type": "text", "text": value}]}


def call(identity: object, arguments: dict, **more: object) -> bytes:
    return request(identity, "tools/call", {"name": "t", "arguments": arguments} | more)


MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
          "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"}}  # fmt: skip


def legacy_session() -> list[Turn]:
    return handshake("2025-11-25") + [
        ("client", request(1, "tools/list")),
        ("server", result(1, {"tools": [{"name": "t", "inputSchema": {"type": "object"}}], "nextCursor": ""})),
        ("client", call(2, {"path": "/tmp/ä"}, _meta={"progressToken": 2}) + request("three", "ping")),
        ("server", notice("notifications/progress", {"progressToken": 2, "progress": 1, "total": 2})
         + notice("notifications/message", {"level": "info", "data": {"any": ["thing", None]}})
         + result("three", {}) + result(2, text("done"))),
        ("client", request(2**53 + 1, "resources/read", {"uri": "file:///x"}) + request("", "prompts/list", {})),
        ("server", line({"jsonrpc": "2.0", "id": 2**53 + 1, "error": {"code": -32002, "message": "no", "data": 1}})
         + line({"id": "", "jsonrpc": "2.0", "result": {"prompts": []}})),
        ("client", notice("notifications/roots/list_changed")),
    ]  # fmt: skip


def modern_session() -> list[Turn]:
    meta = {"_meta": MODERN}
    return [
        ("client", request("server-discover-probe-1", "server/discover", meta)),
        ("server", result("server-discover-probe-1", {"resultType": "complete", "supportedVersions": ["2026-07-28"],
                                                      "capabilities": {}, "ttlMs": 0, "cacheScope": "private"})),
        ("client", request(1, "subscriptions/listen", meta | {"notifications": {"toolsListChanged": True}})),
        ("server", notice("notifications/subscriptions/acknowledged",
                          {"_meta": {"io.modelcontextprotocol/subscriptionId": 1}})),
        ("client", call(2, {"q": "x"}, **meta)),
        ("server", result(2, {"resultType": "input_required", "requestState": "op\u00e4que==",
                              "inputRequests": {"k": {"method": "roots/list", "params": {}}}})),
        ("client", call(3, {"q": "x"}, inputResponses={"k": {"roots": []}}, requestState="op\u00e4que==", **meta)),
        ("server", notice("notifications/tools/list_changed", {"_meta": {"io.modelcontextprotocol/subscriptionId": 1}})
         + result(3, text("late") | {"resultType": "complete", "structuredContent": [1, 2.50, 1e3]})),
        ("client", notice("notifications/cancelled", {"requestId": 1})),
    ]  # fmt: skip


def requests_of_the_server() -> list[Turn]:
    """The two id spaces overlap; answers cross in both directions."""
    return handshake("2025-06-18") + [
        ("client", call(1, {}) + call(2, {})),
        ("server", request(1, "sampling/createMessage", {"messages": [], "maxTokens": 5})
         + request("r", "roots/list") + request(2, "elicitation/create", {"message": "?", "requestedSchema": {}})
         + request(3, "ping")),
        ("client", result(3, {}) + result("r", {"roots": [{"uri": "file:///home/u"}]})
         + line({"jsonrpc": "2.0", "id": 2, "error": {"code": -1, "message": "User rejected"}})
         + result(1, {"role": "assistant", "content": {"type": "text", "text": "hi"}, "model": "m"})),
        ("server", result(2, text("b")) + result(1, text("a")) + request(1, "ping", {})),
        ("client", result(1, {}) + call(1, {})),
        ("server", result(1, text("again"))),
    ]  # fmt: skip


def cancellation() -> list[Turn]:
    return handshake("2025-11-25") + [
        ("client", call(5, {}) + call("x", {}) + notice("notifications/cancelled", {"requestId": 5, "reason": "Esc"})),
        ("server", result("x", text("other")) + result(5, text("too late, but there"))),
        ("server", request(9, "roots/list") + notice("notifications/cancelled", {"requestId": 9})),
        ("client", result(9, {"roots": []}) + request(6, "ping")),
        ("server", result(6, {})),
    ]


def batches() -> list[Turn]:
    def batch(*lines: bytes) -> bytes:
        return b"[" + b",".join(item[:-1] for item in lines) + b"]\n"

    return handshake("2025-03-26") + [
        ("client", batch(request(1, "ping"), notice("notifications/roots/list_changed"), call(2, {"a": [1]}))),
        ("server", batch(result(2, text("two")), result(1, {}))),
        ("client", batch(request(3, "ping"), request(4, "ping")) + request(5, "ping")),
        ("server", result(4, {}) + b" [ " + result(5, {})[:-1] + b" ,\t" + result(3, {})[:-1] + b" ] \n"),
        ("server", batch(request(1, "roots/list"), request(2, "ping"), notice("notifications/tools/list_changed"))),
        ("client", batch(result(1, {"roots": []}), result(2, {}))),
    ]


def spellings() -> list[Turn]:
    """What is equal to a parser but not in bytes, and what a careless reader would break."""
    wrap = b'{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"t","arguments":{"v":%s}}}\n'
    values = [
        b'"\\/ \\u002f / \\" \\\\ \\b\\f\\n\\r\\t"', b'"\\u0000\\u001f\x7f"', '"ä € 🎉 \u2028\u2029\u0085\ufeff \uffff"'.encode(),
        b'"\\ud83c\\udf89 \\u00e4 \\uFFFE"', b"123456789012345678901234567890", b"-0", b"1.0", b"1E5", b"1e+5", b"1e-05",
        b"0.1234567890123456789", b"-9223372036854775809", b"[ ]", b"{ }", b'[1 ,\t2, {"":""} ]', b"[" * 90 + b"]" * 90,
        b'{"a":' * 90 + b"null" + b"}" * 90, '{"é":1,"e\u0301":2,"É":3}'.encode(), b'{"method":1,"id":2,"jsonrpc":3}',
        b'"{\\"id\\":7,\\"method\\":\\"x\\"}"', b'"//" ', b'"/* */"', b'"NaN,Infinity"', b"true", b"null",
    ]  # fmt: skip
    turns = handshake("2025-11-25")
    for number, value in enumerate(values, 100):
        echoed = b'{"result":{"content":[],"structuredContent":%s,"_meta":{"x":%s}},"jsonrpc":"2.0","id":%d}\n'
        turns += [("client", wrap % (number, value)), ("server", echoed % (value, value, number))]
    odd_layout = [
        (b'{"id":1,"params":{"arguments":{},"name":"t"},"method":"tools\\/call","jsonrpc":"2.0"}\r\n', b'{"id":1,"result":{},"jsonrpc":"2.0"}\r\n'),
        (b' \t{ "jsonrpc" : "2.0" ,\t"method":"ping" , "id" : 2 } \t\n', b'\t{"jsonrpc":"2.0"\t,"id": 2 ,"result":{ }} \n'),
        (b'{"jsonrpc":"2.0","id":"\xc3\xa4 \\" ]","method":"ping","params":null}\n', b'{"jsonrpc":"2.0","result":{},"id":"\xc3\xa4 \\" ]"}\n'),
        (b'{"jsonrpc":"2.0","id":-5,"m\\u0065thod":"ping"}\r\n', b'{"jsonrpc":"2.0","id":-5,"result":{"A":1,"a":2}} \r\n'),
        (b'{"jsonrpc":"2.0","id":12345678901234567890123,"method":"vendor/Ping"}\n',
         b'{"jsonrpc":"2.0","id":12345678901234567890123,"error":{"code":-32601,"message":"?","more":[]}}\n'),
    ]  # fmt: skip
    return turns + [turn for asked, told in odd_layout for turn in (("client", asked), ("server", told))]


def large(size: int) -> list[Turn]:
    """One line of about `size` bytes each way, with a small one close behind."""
    block = ("0123456789abcdef" * 60 + "ä\\n€\n").ljust(1000, "x")
    filling = block * (size // 1000)
    return handshake("2025-11-25") + [
        ("client", call(1, {"blob": filling}) + request(2, "ping")),
        ("server", result(2, {}) + result(1, text(filling)) + notice("notifications/tools/list_changed")),
        ("client", request(3, "ping")),
        ("server", result(3, {})),
    ]


def without_last_newline() -> list[Turn]:
    return legacy_session() + [
        ("client", call(77, {"last": True})),
        ("server", notice("notifications/message", {"level": "info", "data": "last"}) + result(77, text("last"))[:-1]),
        ("client", notice("notifications/roots/list_changed")[:-1]),
    ]


def chatter(seed: int) -> list[Turn]:
    """A long random exchange in both eras at once, as a dual-era server may see it."""
    chance, turns, waiting, asked = random.Random(seed), handshake("2025-11-25"), [], []
    letters = 'abc"\\/\n\täß€🎉\u2028 {}[],:0'

    def value(depth: int = 0) -> object:
        kind = chance.randrange(8 if depth < 6 else 5)
        if kind < 2:
            return "".join(chance.choices(letters, k=chance.choice([0, 3, 30, 700])))
        if kind < 5:
            return chance.choice([None, True, False, 0, -1, 2**64, 0.1, 1e-9, 12345678901234567890])
        if kind < 7:
            return [value(depth + 1) for _ in range(chance.randrange(5))]
        return {f"k{i}": value(depth + 1) for i in range(chance.randrange(5))}

    def spelled(message: bytes) -> bytes:
        """The same message as another serialiser would write it."""
        parsed = json.loads(message)
        keys = list(parsed)
        chance.shuffle(keys)
        return json.dumps({key: parsed[key] for key in keys}, ensure_ascii=chance.random() < 0.5).encode() + b"\n"

    for number in range(1, 120):
        burst = b""
        for part in range(chance.randrange(1, 5)):
            identity = chance.choice([number * 10 + part, f"id-{number}-{part}"])
            meta = {"_meta": MODERN} if chance.random() < 0.5 else {}
            burst += spelled(call(identity, {"v": value()}, **meta))
            waiting.append(identity)
        while asked and chance.random() < 0.7:
            burst += spelled(result(asked.pop(chance.randrange(len(asked))), {"roots": [], "more": value()}))
        turns.append(("client", burst))
        burst = spelled(notice("notifications/message", {"level": "info", "data": value()}))
        while waiting and chance.random() < 0.8:
            burst += spelled(result(waiting.pop(chance.randrange(len(waiting))), {"structuredContent": value()}))
        if chance.random() < 0.5:
            asked.append(number)
            burst += spelled(request(number, "roots/list"))
        turns.append(("server", burst))
    return turns + [("server", b"".join(result(identity, {}) for identity in waiting))]  # leaves nobody waiting


def transcripts() -> list[tuple[str, list[Turn], list[Sizes]]]:
    """Name, turns, and the write sizes to play them with."""
    bytewise, small, mixed, big = [1], [1, 2, 3, 7, 20], [1, 50, 400, 4096, 5000], [100, 4096, 65_536, 1_000_000]
    return [
        ("legacy", legacy_session(), [None, bytewise, small, mixed]),
        ("2026-07-28", modern_session(), [None, bytewise, small, mixed]),
        ("requests of the server", requests_of_the_server(), [None, bytewise, small, mixed]),
        ("cancellation", cancellation(), [None, bytewise, small]),
        ("batches of 2025-03-26", batches(), [None, bytewise, small, mixed]),
        ("spellings", spellings(), [None, bytewise, small, mixed]),
        ("without the last newline", without_last_newline(), [None, bytewise, mixed]),
        ("chatter 1", chatter(1), [None, small, mixed]),
        ("chatter 2", chatter(2), [None, mixed, big]),
        ("chatter 3", chatter(3), [mixed, big]),
        ("a line of 9.9 MB", large(9_900_000), [None, big]),
        ("a line of 10.1 MB", large(10_100_000), [None, big]),
        ("a line of 60 MB", large(60_000_000), [None, big]),
    ]
