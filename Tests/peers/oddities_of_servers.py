"""Odd lines that a server may send. A malformed line never reaches the client; if it carries the id of a waiting request,
that request is answered with an error, so that nobody waits for ever."""

from oddities_of_clients import BLANK, LONG, META
from oddities_of_json import NOT_JSON
from oddity import KELVIN, LONG_S, Row, S, passes, plain, refused, returned, silent


def answer(value: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":@,"result":{"content":[{"type":"text","text":%s}],"structuredContent":%s}}' % (S, value)


def late(value: bytes) -> bytes:
    return b'{"result":{"content":[{"type":"text","text":%s}],"structuredContent":%s},"jsonrpc":"2.0","id":@}' % (S, value)


def bad(name: str, value: bytes) -> list[Row]:
    return [
        refused(f"{name}, the id before it", answer(value), waiting="client"),
        refused(f"{name}, the id after it", late(value), waiting="client"),
    ]


def notice(params: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","method":"notifications/message","params":%s}' % params


PONG = plain(b',"result":{}')

MALFORMED = [row for name, value in NOT_JSON for row in bad(name, value)]

ANSWERS = [
    passes("an answer", PONG, "client"),
    passes("an answer with the id last", b'{"result":{},"jsonrpc":"2.0","id":@}', "client"),
    passes("an answer with CRLF", PONG + b"\r", "client"),
    passes("an answer with spaces", b' { "result" : { } ,\t"jsonrpc" : "2.0" , "id" : @ } ', "client"),
    passes("an answer with extra members", plain(b',"result":{},"extra":[1]'), "client"),
    passes("an error as answer", plain(b',"error":{"code":-32602,"message":"no","data":{"a":1,"A":2}}'), "client"),
    passes("an error for nobody", b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}'),
    passes("an error without an id", b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"?"}}'),
    passes("variants of case in a result", answer(b'{"Name":1,"name":2,"x":[{"A":1,"a":2}]}'), "client"),
    passes("variants of case at the top of a result", plain(b',"result":{"Content":[],"content":[],"_Meta":{}}'), "client"),
    passes("kelvin signs in a result", answer(b'{"key":1,"%sey":2,"u%ser":3,"user":4}' % (KELVIN, LONG_S)), "client"),
    passes("composed and decomposed in a result", answer('{"é":1,"e\u0301":2}'.encode()), "client"),
    passes("depth 100", answer(b"[" * 100 + b"]" * 100), "client"),
    passes("U+2028, DEL and an escaped NUL", answer('["\u2028\u2029\u0085\x7f\\u0000"]'.encode()), "client"),
    silent("an answer nobody waits for", plain(b',"result":{"x":%s}' % S)),
    silent("an error nobody waits for", plain(b',"error":{"code":1,"message":%s}' % S)),
    silent("an answer to the number as a string", b'{"jsonrpc":"2.0","id":"@","result":{}}', "client"),
    refused("an answer to the number with a point", b'{"jsonrpc":"2.0","id":@.0,"result":{}}', waiting="client"),
    silent("an answer without an id", b'{"jsonrpc":"2.0","result":{}}', "client"),
    silent("an answer to null", b'{"jsonrpc":"2.0","id":null,"result":{}}', "client"),
    silent("an answer to true", b'{"jsonrpc":"2.0","id":true,"result":{}}', "client"),
    silent("an answer with Id", b'{"jsonrpc":"2.0","Id":@,"result":{}}', "client"),
    refused("result and error", plain(b',"result":{},"error":{"code":1,"message":"x"}'), waiting="client"),
    refused("result twice", plain(b',"result":{},"result":{"x":%s}' % S), waiting="client"),
    refused("result twice, once escaped", plain(b',"result":{},"r\\u0065sult":{"x":%s}' % S), waiting="client"),
    refused("Result beside result", plain(b',"result":{},"Result":{"x":%s}' % S), waiting="client"),
    refused("Result alone", plain(b',"Result":{"x":%s}' % S), waiting="client"),
    refused("re\u017fult alone", plain(b',"re%sult":{"x":%s}' % (LONG_S, S)), waiting="client"),
    refused("Error beside result", plain(b',"result":{},"Error":{}'), waiting="client"),
    refused("JSONRPC", b'{"JSONRPC":"2.0","id":@,"result":{}}', waiting="client"),
    refused("ID beside id", b'{"jsonrpc":"2.0","id":@,"ID":5,"result":{}}', waiting="client"),
    refused("unknown keys that collide", plain(b',"result":{},"extra":1,"Extra":2'), waiting="client"),
    refused("neither result nor error", plain(b""), waiting="client"),
    refused("jsonrpc missing", b'{"id":@,"result":{}}', waiting="client"),
    refused("jsonrpc 1.0", b'{"jsonrpc":"1.0","id":@,"result":{}}', waiting="client"),
    refused("jsonrpc 2.0 as a number", b'{"jsonrpc":2.0,"id":@,"result":{}}', waiting="client"),
    refused("two ids: the last counts", b'{"jsonrpc":"2.0","id":"nobody","id":@,"result":{}}', waiting="client"),
    refused("a key twice in the result", answer(b'{"a":1,"a":2}'), waiting="client"),
    refused("a key twice, deep in the result", answer(b'[[{"a":{"b":1,"\\u0062":2}}]]'), waiting="client"),
    refused("a key twice in an error", plain(b',"error":{"code":1,"code":2,"message":"x"}'), waiting="client"),
    refused("a key twice in the data of an error", plain(b',"error":{"code":1,"message":"x","data":{"a":1,"a":2}}'), waiting="client"),
    *[refused(f"error {value.decode()}", plain(b',"error":%s' % value), waiting="client")
      for value in (b"null", b'"no"', b"1", b"[]", b"true")],
    refused("depth 129", answer(b"[" * 127 + b"]" * 127), waiting="client"),
    refused("depth 100,000, the id last", late(b"[" * 100_000 + b"]" * 100_000), waiting="client"),
    refused("a BOM", b"\xef\xbb\xbf" + PONG, waiting="client"),
    refused("a CR before", b"\r" + PONG, waiting="client"),
    refused("two CRs after", PONG + b"\r\r", waiting="client"),
    refused("a lone CR between two messages", notice(b"{}") + b"\r" + PONG, waiting="client"),
    refused("two messages on a line", notice(b"{}") + PONG, waiting="client"),
    refused("a log line in front", b"INFO ready " + PONG, waiting="client"),
    refused("a word after", PONG + b" ok", waiting="client"),
    refused("cut off", b'{"jsonrpc":"2.0","id":@,"result":{"content":[{"type":"text","te', waiting="client"),
    refused("a batch", b"[" + PONG + b"]", waiting="client"),
    refused("a comment", b'{"jsonrpc":"2.0","id":@,/* x */"result":{}}', waiting="client"),
    refused("a trailing comma", b'{"jsonrpc":"2.0","id":@,"result":{},}', waiting="client"),
]  # fmt: skip

TALK = [
    passes("a notification", notice(b'{"level":"info","data":{"a":1}}')),
    passes("a notification without params", b'{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}'),
    passes("a notification with params null", b'{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":null}'),
    passes("a request", plain(b',"method":"roots/list"')),
    silent("a notification with a key twice", notice(b'{"level":"info","data":{"a":1,"a":%s}}' % S)),
    silent("a notification with method twice", b'{"jsonrpc":"2.0","method":"notifications/x","method":"ping"}'),
    silent("a notification with Method", b'{"jsonrpc":"2.0","method":"notifications/x","Method":"ping"}'),
    silent("a notification with NaN", notice(b'{"level":"info","data":NaN}')),
    silent("a notification with params a list", notice(b"[1]")),
    silent("a notification with invalid UTF-8", notice(b'{"data":"\xff"}')),
    silent("a notification with a lone surrogate", notice(b'{"data":"\\ud800"}')),
    silent("a notification with a tab in a string", notice(b'{"data":"\t"}')),
    returned("a request with id null", b'{"jsonrpc":"2.0","id":null,"method":"roots/list"}', b"null"),
    returned("a request with id {}", b'{"jsonrpc":"2.0","id":{},"method":"roots/list"}', b"null"),
    returned("a request with id 1.0", b'{"jsonrpc":"2.0","id":@.0,"method":"roots/list"}', b"@.0"),
    returned("a request with method twice", plain(b',"method":"roots/list","method":"ping"')),
    silent("Method alone, which may be an answer", plain(b',"Method":"roots/list"')),
    returned("a request with params a list", plain(b',"method":"roots/list","params":[]')),
    returned("a request with NaN, the id last", b'{"method":"roots/list","params":{"a":NaN},"jsonrpc":"2.0","id":@}'),
    returned("a request with a key twice", plain(b',"method":"roots/list","params":{"a":1,"a":%s}' % S)),
    returned("a request with a string id", b'{"jsonrpc":"1.0","id":"s-@","method":"roots/list"}', b'"s-@"'),
    returned("a request and an answer", plain(b',"method":"roots/list","result":{}')),
    *[silent(f"noise: {line[:40]!r}", line) for line in (
        b"Server listening on stdio", b"[INFO] ready", b"[1,2,3]", b"null", b"{}", b'"hello"', b"42", b"\x1b[32mready\x1b[0m",
        b"npm warn deprecated x@1.0.0".replace(b"@", b" "), b"Traceback (most recent call last):", b"<html></html>", b"\xff\xfe{\x00", b"\x00" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r", b"Content-Length: 10\r\n\r",
        b"data: {}", b"{'jsonrpc': '2.0'}", b"{'result': NaN}", b"%s" % (b"log " * 20_000), b'{"level":"info","msg":"started","pid":1}',
        '{"jsonrpc":"2.0"}'.encode("utf-16-le") + b" ", b"undefined", b"\x07", b"debugger attached", b'{"jsonrpc":"2.0","me',
    )],
]  # fmt: skip

ROWS = [*BLANK, *ANSWERS, *TALK, *MALFORMED]

BATCHES = [
    passes("a batch of an answer", b"[" + PONG + b"]", "client"),
    passes("a batch of an answer and a notification", b"[" + notice(b"{}") + b" , " + PONG + b"]", "client"),
    passes("a batch of notifications", b"[" + notice(b"{}") + b"]"),
    silent("an empty batch", b"[]"),
    silent("a batch of numbers", b"[1,2]"),
    refused("a batch with a key twice", b'[{"jsonrpc":"2.0","id":@,"result":{"a":1,"a":2}}]', waiting="client"),
]

MODERN = [
    passes("an answer", plain(b',"result":{"resultType":"complete","content":[]}'), "client"),
    passes("input required", plain(b',"result":{"resultType":"input_required","inputRequests":{"k":{}},"requestState":"x"}'), "client"),
    passes("a notification", b'{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1,%s}}' % META),
    refused("a batch", b"[" + PONG + b"]", waiting="client"),
    refused("resultType twice", plain(b',"result":{"resultType":"complete","resultType":"input_required"}'), waiting="client"),
]  # fmt: skip

TOO_LONG = [
    passes("just below", answer(b'"%s"' % (b"x" * ((1 << 20) - 300))), "client"),
    refused("the id first", b'{"id":@,"jsonrpc":"2.0","result":{"a":"%s"}}' % LONG, waiting="client"),
    refused("the id last", b'{"jsonrpc":"2.0","result":{"a":"%s"},"id":@}' % LONG, waiting="client"),
    refused("the id in the middle", b'{"result":{"a":"%s"},"id":@,"jsonrpc":"2.0","x":"%s"}' % (LONG, LONG), waiting="client"),
    refused("ids inside are not the id", b'{"result":{"id":5,"a":["%s",{"id":6}]},"jsonrpc":"2.0","id":@}' % LONG, waiting="client"),
    refused("ten times the limit", b'{"result":{"a":"%s"},"jsonrpc":"2.0","id":@}' % (LONG * 10), waiting="client"),
    silent("a notification", notice(b'{"data":"%s"}' % LONG)),
    silent("a line of one letter", LONG),
    silent("an answer nobody waits for", b'{"result":{"a":"%s"},"jsonrpc":"2.0","id":"nobody"}' % LONG),
    passes("a small one again", PONG, "client"),
]  # fmt: skip
