"""One odd line, what should become of it, and short ways to write such lines."""

import dataclasses

SECRET = b"s3cret-W0mbat"  # the value that no refusal and no word on stderr may repeat
S = b'"' + SECRET + b'"'
KELVIN, LONG_S = "\u212a".encode(), "\u017f".encode()  # what Go's parser takes for k and s


@dataclasses.dataclass(frozen=True)
class Row:
    """One odd line; every `@` in it stands for a number that no other row uses."""

    name: str
    line: bytes
    passes: bool = False
    answered: tuple[bytes, ...] = ()  # the ids, as JSON, that the client gets an error for
    returned: tuple[bytes, ...] = ()  # the ids that the server gets an error for
    waiting: str = ""  # who waits for an answer to @ when the line comes: "client", "server" or nobody
    either: bool = False  # passing unchanged and being refused are both right


def passes(name: str, line: bytes, waiting: str = "") -> Row:
    return Row(name, line, passes=True, waiting=waiting)


def refused(name: str, line: bytes, *ids: bytes, waiting: str = "") -> Row:
    """Refused with an error to @, or to `ids`."""
    return Row(name, line, answered=ids or (b"@",), waiting=waiting)


def either(name: str, line: bytes, waiting: str = "") -> Row:
    return Row(name, line, answered=(b"@",), waiting=waiting, either=True)


def returned(name: str, line: bytes, *ids: bytes, waiting: str = "") -> Row:
    """A request of the server, or an answer to one, refused with an error to the server."""
    return Row(name, line, returned=ids or (b"@",), waiting=waiting)


def silent(name: str, line: bytes, waiting: str = "") -> Row:
    return Row(name, line, waiting=waiting)


def call(arguments: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"t","arguments":%s}}' % arguments


def late(arguments: bytes) -> bytes:
    """The same as TypeScript may write it, the id after whatever is wrong."""
    return b'{"method":"tools/call","params":{"name":"t","arguments":%s},"jsonrpc":"2.0","id":@}' % arguments


def with_params(method: str, params: str) -> bytes:
    return b'{"jsonrpc":"2.0","id":@,"method":"%s","params":%s}' % (method.encode(), params.encode())


def plain(rest: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":@%s}' % rest


PING = plain(b',"method":"ping"')
