"""Odd and hostile lines in both directions: what passes, what is refused, and to whom.

Every row (oddities_of_*.py) is played into a running session; after it a ping must still go round. Whatever is refused
never reaches the other side, and no refusal repeats a value of what it refuses.
"""

import json

import oddities_of_clients
import oddities_of_json
import oddities_of_servers
from harness import Checks, Conversation, End, Stalled, compact, initialize, shown
from oddity import SECRET, Row

REFUSED_CODE = 40304


def run(guard: str, checks: Checks, _rounds: int) -> None:
    for era, from_client, from_server in [
        ("2025-11-25", oddities_of_json.ROWS + oddities_of_clients.ROWS, oddities_of_servers.ROWS),
        ("2025-03-26", oddities_of_clients.BATCHES, oddities_of_servers.BATCHES),
        ("2026-07-28", oddities_of_clients.MODERN, oddities_of_servers.MODERN),
    ]:
        Session(guard, checks, era).play(from_client, from_server)
    Session(guard, checks, "2025-11-25", "--line-limit", "1MiB").play(
        oddities_of_clients.TOO_LONG, oddities_of_servers.TOO_LONG)  # fmt: skip
    numbers_in_flight(guard, checks)
    batches_in_part(guard, checks)
    last_lines(guard, checks)


class Session:
    """A conversation that is begun anew when a row has broken it."""

    def __init__(self, guard: str, checks: Checks, era: str, *options: str) -> None:
        self.guard, self.checks, self.era, self.options = guard, checks, era, options
        self.talk: Conversation | None = None
        self.number = 1000

    def play(self, from_client: list[Row], from_server: list[Row]) -> None:
        for row in from_client:
            self.row(f"{self.era}, from the client: {row.name}", row, "client")
        for row in from_server:
            self.row(f"{self.era}, from the server: {row.name}", row, "server")
        self.end()

    def begin(self) -> Conversation:
        talk = Conversation(self.guard, *self.options)
        if self.era != "2026-07-28":  # which has no handshake
            initialize(talk, self.era)
        return talk

    def end(self) -> None:
        if self.talk:
            errors = self.talk.stderr()
            self.checks.check(f"{self.era}: stderr repeats no value", SECRET not in errors, shown(errors))
            self.talk.__exit__()
            self.talk = None

    def row(self, name: str, row: Row, sender: str) -> None:
        self.number += 1
        number = b"%d" % self.number
        line = row.line.replace(b"@", number) + b"\n"
        try:
            self.talk = self.talk or self.begin()
            talk = self.talk
            request = {"jsonrpc": "2.0", "id": self.number, "method": "ping"}
            if row.waiting == "client":
                talk.ask(request)
            elif row.waiting == "server":
                talk.tell(request)
            (talk.client if sender == "client" else talk.server).send(line)
            at_server, at_client = self.ping()
            if sender == "client":
                # The server hears either the line or, when it waits for that answer, the guard's word about it.
                passed = at_server if row.passes or line in at_server or not refusals(at_server) else b""
                told = [] if passed else refusals(at_server)
                self.checks.equal(f"{name}: what the server hears", told, ids(row.returned, number))
                self.judge(name, row, number, passed, at_client, line)
            else:
                at_server += self.ping()[0]  # the first ping may have overtaken what the guard says to the server
                self.checks.equal(f"{name}: what the server hears", refusals(at_server), ids(row.returned, number))
                # The client hears either the line or the guard's word about it.
                passed = at_client if row.passes or line in at_client else b""
                self.judge(name, row, number, passed, b"" if passed else at_client, line)
            self.still_answerable(name, row, sender, number)
        except Stalled as stalled:
            self.checks.check(f"{name}: the session lives on", False, stalled)
            self.end()

    def ping(self) -> tuple[bytes, bytes]:
        """A ping and its answer; returns what came before them, at the server and at the client."""
        talk = self.talk
        identity = f"ping-{self.number}-{talk.client.seen}"
        ping = compact({"jsonrpc": "2.0", "id": identity, "method": "ping"}) + b"\n"
        pong = compact({"jsonrpc": "2.0", "id": identity, "result": {}}) + b"\n"
        talk.client.send(ping)
        at_server = self.before(talk.server, ping, "the ping at the server")
        talk.server.send(pong)
        return at_server, self.before(talk.client, pong, "the answer to the ping")

    def before(self, end: End, expected: bytes, what: str) -> bytes:
        """What `end` receives before the line `expected`."""
        start = end.seen
        self.talk.until(lambda: end.received.find(expected, start) >= 0, what, 10)
        stop = end.received.find(expected, start)
        end.seen = stop + len(expected)
        return bytes(end.received[start:stop])

    def judge(self, name: str, row: Row, number: bytes, passed: bytes, told: bytes, line: bytes) -> None:
        if row.passes or (row.either and passed):
            self.checks.check(f"{name}: passes unchanged", passed == line, shown(passed))
            return
        self.checks.check(f"{name}: is held back", passed == b"", shown(passed))
        wanted = ids(row.answered, number)
        self.checks.check(f"{name}: answers", same(refusals(told), wanted), f"found {shown(told)}, expected an error to {wanted}")
        if told:
            verbatim = all(b'"id":' + identity.replace(b"@", number) in told for identity in row.answered)
            self.checks.check(f"{name}: the id is spelled as it was", verbatim, shown(told))
            self.checks.check(f"{name}: repeats no value", SECRET not in told, shown(told))

    def still_answerable(self, name: str, row: Row, sender: str, number: bytes) -> None:
        """A request that the line did not answer can still be answered; one that it did cannot be answered twice."""
        if not row.waiting:
            return
        answer = b'{"jsonrpc":"2.0","id":%s,"result":{"really":true}}\n' % number
        settled = row.passes or b"@" in (row.answered if sender == "server" else row.returned)
        at_other_end = 1 if row.waiting == "client" else 0
        (self.talk.server if row.waiting == "client" else self.talk.client).send(answer)
        heard = self.ping()[at_other_end]
        what = "a second answer is dropped" if settled else "the true answer passes"
        self.checks.check(f"{name}: {what}", heard == (b"" if settled else answer), shown(heard))


def ids(spelled: tuple[bytes, ...], number: bytes) -> list:
    return [json.loads(identity.replace(b"@", number)) for identity in spelled]


def same(some: list, others: list) -> bool:
    return sorted(map(repr, some)) == sorted(map(repr, others))  # 1, "1" and True are different ids


def refusals(told: bytes) -> list:
    """The ids that were answered with a well-formed refusal, alone or in a batch; what is wrong of those that were not."""
    try:
        lines = [json.loads(line) for line in told.splitlines()]
    except ValueError as error:
        return [error]
    return [refused_id(answer) for line in lines for answer in flat(line)]


def refused_id(answer: dict) -> object:
    try:
        error = answer["error"]
        exact = set(answer) == {"jsonrpc", "id", "error"} and answer["jsonrpc"] == "2.0"
        explains = error["code"] == REFUSED_CODE and isinstance(error["message"], str) and error["message"]
        known = set(error) <= {"code", "message", "data"}
        return answer["id"] if exact and explains and known else ValueError("not a refusal")
    except (KeyError, TypeError) as error:
        return error


def numbers_in_flight(guard: str, checks: Checks) -> None:
    """Ids are free again once answered, and the two directions have an id space each."""
    with Conversation(guard) as talk:
        initialize(talk, "2025-11-25")
        request = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
        talk.ask(request)
        talk.client.send(compact(request | {"method": "tools/list"}) + b"\n")
        checks.equal("an id in flight: the second request is refused", refusals(talk.line(talk.client)), [0])
        checks.equal("an id in flight: the string is another id", talk.ask(request | {"id": "0"}), compact(request | {"id": "0"}))
        talk.tell(request | {"method": "roots/list"})
        talk.ask({"jsonrpc": "2.0", "id": 0, "result": {"roots": []}})
        first = {"jsonrpc": "2.0", "id": 0, "result": {"first": 1}}
        checks.equal("an id in flight: the first request is answered", talk.tell(first), compact(first))
        talk.ask(request)
        second = {"jsonrpc": "2.0", "id": 0, "result": {"second": 1}}
        checks.equal("an id in flight: free again once answered", talk.tell(second), compact(second))
        checks.check("an id in flight: refused lines stay away", b"tools/list" not in talk.server.received)


def batches_in_part(guard: str, checks: Checks) -> None:
    """A bad member of a batch is taken out and answered together with the good ones."""
    good, other = b'{"jsonrpc":"2.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":"b","Method":"x"}'
    pong, notice = b'{"jsonrpc":"2.0","id":1,"result":{}}', b'{"jsonrpc":"2.0","method":"notifications/x"}'
    requests = [
        ("a member that is no object", b"[%s,1]" % good, b"[%s]" % good, []),
        ("the second member bad", b"[%s,%s]" % (good, other), b"[%s]" % good, ["b"]),
        ("the first member bad", b"[%s , %s]" % (other, good), b"[%s]" % good, ["b"]),
        ("the same id twice", b"[%s,%s]" % (good, good), b"[%s]" % good, [1]),
        ("a bad notification", b'[%s,{"jsonrpc":"1.0","method":"x"}]' % good, b"[%s]" % good, []),
    ]
    for name, line, onward, answered in requests:
        for form in (b"[%s]" % pong, pong):
            with Conversation(guard) as talk:
                initialize(talk, "2025-03-26")
                talk.client.send(line + b"\n")
                checks.equal(f"batch in part, {name}: what goes on", talk.line(talk.server), onward)
                talk.server.send(form + b"\n" + notice + b"\n")
                talk.until(lambda: talk.client.received.endswith(notice + b"\n"), "the notification after the answer")
                told = bytes(talk.client.received[talk.client.seen : -len(notice) - 1])
                answers = [answer for line in told.splitlines() for answer in flat(json.loads(line))]
                results = [answer["id"] for answer in answers if "result" in answer]
                errors = [refused_id(answer) for answer in answers if "error" in answer]
                checks.equal(f"batch in part, {name}: results", results, [1])
                checks.check(f"batch in part, {name}: refusals", same(errors, answered), shown(told))
    for name, line in [("a bad notification", b'[{"jsonrpc":"2.0","Method":"x"},%s]' % pong), ("a number", b"[%s,1]" % pong)]:
        with Conversation(guard) as talk:
            initialize(talk, "2025-03-26")
            talk.ask({"jsonrpc": "2.0", "id": 1, "method": "ping"})
            talk.server.send(line + b"\n")
            checks.equal(f"batch in part, from the server, {name}", talk.line(talk.client), b"[%s]" % pong)


def flat(line: object) -> list:
    return line if isinstance(line, list) else [line]


def last_lines(guard: str, checks: Checks) -> None:
    """A malformed last line without a newline is refused like any other."""
    long = b'{"jsonrpc":"2.0","x":"%s",' % (b"x" * 3000)
    for name, line, answered in [
        ("of the wrong version", b'{"jsonrpc":"1.0","id":3,"method":"x"}', [3]),
        ("cut off", b'{"jsonrpc":"2.0","id":3,"meth', [3]),
        ("cut off before the id", b'{"jsonrpc":"2.0","meth', []),
        ("too long", long + b'"id":3}', [3]),
        ("too long and cut off", long + b'"id":3', [3]),
        ("blank", b" \t", []),
        ("a BOM", b"\xef\xbb\xbf", []),
    ]:
        with Conversation(guard, "--line-limit", "1KiB") as talk:
            initialize(talk, "2025-11-25")
            asked, told = talk.server.seen, talk.client.seen
            talk.client.send(line)
            talk.client.finish()
            talk.until(lambda: talk.server.at_end, "the end of the server's input")
            talk.server_exits(0)
            talk.until(lambda: talk.client.at_end, "the end of the client's input")
            checks.equal(f"last line {name}: is held back", bytes(talk.server.received[asked:]), b"")
            checks.equal(f"last line {name}: answers", refusals(bytes(talk.client.received[told:])), answered)
    for name, line in [("with a key twice", b'{"jsonrpc":"2.0","id":3,"result":{"a":1,"a":2}}'), ("cut off", b'{"jsonrpc":"2.0","id":3,"resu')]:
        with Conversation(guard) as talk:
            initialize(talk, "2025-11-25")
            talk.ask({"jsonrpc": "2.0", "id": 3, "method": "ping"})
            talk.server.send(line)
            talk.until(lambda: not talk.server.outgoing, "the server's last words")
            talk.server_exits(0)
            talk.until(lambda: talk.client.at_end, "the end of the client's input")
            checks.equal(f"last line of the server, {name}: answers", refusals(bytes(talk.client.received[talk.client.seen :])), [3])
