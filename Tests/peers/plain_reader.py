"""The contract on what may pass, written down a second time on top of Python's own JSON parser."""

import json

DEEPEST = 128
ENVELOPE = {"jsonrpc", "id", "method", "params", "result", "error"}
MIXED_CASE = {"requestId", "progressToken"}  # of the keys used here
FOLDED = str.maketrans({"\u017f": "s", "\u212a": "k"} | {chr(c): chr(c + 32) for c in range(65, 91)})

MIXED_FOLDED = {name.translate(FOLDED) for name in MIXED_CASE}


class Fault(Exception):
    """Why a line must not pass."""


class Reader:
    """Judges the lines of one direction; knows which ids are in use."""

    def __init__(self, direction: str) -> None:
        self.direction = direction
        self.in_flight: set[str] = set()  # requests of this direction
        self.awaited: set[str] = set()  # requests of the other direction

    def judge(self, line: bytes, went: bool) -> bool:
        """Raises Fault for what must be refused; False where the contract leaves it open. `went`: the guard let it pass."""
        message = strictly_parsed(line.removesuffix(b"\r"))
        if not isinstance(message, dict):
            raise Fault("it is no object")
        if message.get("jsonrpc") != "2.0":
            raise Fault("jsonrpc is not 2.0")
        if "params" in message and not isinstance(message["params"], dict | None):
            raise Fault("params is neither an object nor null")
        if len({folded(key) for key in message}) != len(message):
            raise Fault("two keys differ only by case")
        sure = not any(folded(key) in ENVELOPE and key not in ENVELOPE for key in message)
        sure = sure and b"1e400" not in line and b'"id":-0' not in line
        if "method" in message:
            return self.judge_request(message) and sure
        self.judge_answer(message, went or sure)
        return sure

    def judge_request(self, message: dict) -> bool:
        if not isinstance(message["method"], str) or message.keys() & {"result", "error"}:
            raise Fault("it is a request and more")
        params = message.get("params") or {}
        if self.direction == "client":
            no_collisions(params)
        if "id" in message:
            self.in_flight_once(identity(message))
        members = [key for keys in (params, params.get("_meta")) if isinstance(keys, dict) for key in keys]
        return all(key in MIXED_CASE or (key == folded(key) and key not in MIXED_FOLDED) for key in members)

    def in_flight_once(self, spelled: str) -> None:
        if spelled in self.in_flight:
            raise Fault("the id is in flight")
        self.in_flight.add(spelled)

    def judge_answer(self, message: dict, counts: bool) -> None:
        if ("error" in message) == ("result" in message):
            raise Fault("it is an answer and more, or nothing at all")
        if "error" in message and not isinstance(message["error"], dict):
            raise Fault("error is no object")
        if "error" in message and message.get("id") is None:
            return
        spelled = identity(message) if "id" in message else ""
        if spelled not in self.awaited:
            raise Fault("nobody waits for this answer")
        if counts:
            self.awaited.discard(spelled)


def identity(message: dict) -> str:
    found = message["id"]
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise Fault("the id is neither a string nor an integer")
    return json.dumps(found)


def folded(key: str) -> str:
    return key.translate(FOLDED)


def strictly_parsed(text: bytes) -> object:
    def members(pairs: list[tuple[str, object]]) -> dict:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Fault("a key stands twice")
        return found

    def constant(name: str) -> None:
        raise Fault(f"{name} is no JSON")

    try:
        decoded = text.decode("utf-8", errors="strict")
        if "\r" in decoded:
            raise Fault("there is a CR inside")
        value = json.loads(decoded, object_pairs_hook=members, parse_constant=constant)
        json.dumps(value, ensure_ascii=False).encode()  # fails on a lone surrogate
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise Fault(error) from None
    if depth(value) > DEEPEST:
        raise Fault("it is too deep")
    return value


def depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


def no_collisions(value: object) -> None:
    if isinstance(value, dict):
        if len({folded(key) for key in value}) != len(value):
            raise Fault("two keys differ only by case")
        value = list(value.values())
    for member in value if isinstance(value, list) else []:
        no_collisions(member)
