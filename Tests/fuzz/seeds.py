"""What the fuzzers start from: good lines of both eras of the protocol, hostile ones, and short conversations of them."""

import random
from pathlib import Path

META = (
    b'"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",'
    b'"io.modelcontextprotocol/clientCapabilities":{},"progressToken":7}'
)

GOOD = [
    b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},'
    b'"clientInfo":{"name":"c","version":"1"}}}',
    b'{"result":{"protocolVersion":"2025-03-26","capabilities":{},"serverInfo":{"name":"s","version":"1"}},'
    b'"jsonrpc":"2.0","id":0}',
    b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
    b'{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"t","arguments":{"a":[1,-0.5e+3,null,{}]}}}',
    b'{"jsonrpc":"2.0","id":9223372036854775808,"method":"ping","params":null}',
    b'{"jsonrpc":"2.0","id":3,"method":"server/discover","params":{' + META + b"}}",
    b'{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"t","inputResponses":{},"requestState":"",' + META + b"}}",
    b'{"jsonrpc":"2.0","id":5,"method":"subscriptions/listen","params":{"notifications":{},' + META + b"}}",
    b'{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{"messages":[],"maxTokens":1}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a","reason":"\\u00e9\\ud83d\\ude00"}}',
    b'{"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"\xc3\xa9\xf0\x9f\x98\x80\\n"}]}}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}',
    b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"x","data":[true,false]},"id":3}',
    b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/initialized"}]',
    b' \t{"\\u006asonrpc":"2.0", "m\\u0065thod" : "x"}\r',
]

HOSTILE = [
    b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"\\u0069d":2,"method":"ping"}',
    b'{"jsonrpc":"2.0","Id":1,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","param\xc5\xbf":{}}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}',
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"k":1,"\xe2\x84\xaa":2}}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"ProgressToken":1}}}',
    b'{"jsonrpc":"2.0","id":1.0,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":{"id":1},"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
    b'{"jsonrpc":"2.0","id":1}',
    b'{"jsonrpc":"1.0","id":1,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping"}\r{"jsonrpc":"2.0","id":2,"method":"ping"}',
    b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"\xff\xed\xa0\x80\xc0\xaf"}',
    b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"n":NaN,"i":-Infinity}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"n":[01,1.,.5,1e]}}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping"},',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":' + b"[" * 128 + b"]" * 128 + b"}}",
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":' + b"[" * 126 + b"]" * 126 + b"}}",
    b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(40)) + b',"\\u006b7":0}',
    b'[{"id":1,"method":"x"},[],{"id":"b","result":1}]}{"id":3',
    b'{ "jsonrpc" :"2.0" , "id" :1 ,"id" : 2,"method" :"ping" }',
    b'{ "jsonrpc" :"2.0" , "id" :1 ,"method" :5 }',
    b"Content-Length: 2",
]

# Lines of a script: see targets/conversation/Script.swift.
SCRIPTS = [
    b">=i1.\n<=v1.\n>=n-.\n>*r2.r3.n-.\n<*o2.e3.\n",
    b">=i1.\n<=v1.\n>*r2.r3K\n<=o2.\n",
    b">=i1.\n<=v1.\n>*r2.r3K\n<=o2.",
    b">=i1.\n<=v1.\n>*r2.r3K\n>=c-2\n<=o2.\n",
    b">=i1.\n<=v1.\n~\n>*r2.r3K\n!\n>=r4.\n",
    b">=i1.\n<=v1.\n>*r2.r3K\n<=w1.\n<*o2.o3.\n",
    b">=i1.\n<=w1.\n>=r2.\n>=ra.\n<=oa.\n<=o2U\n<=r2.\n>=e2.\n<=p3.",
    b">=r1.\n>=r1.\n>=r2U\n>=r3T\n>=c-1\n<=o1.\n<=o7.\n<=eN.\n<=bN.\n>=rFK",
    b">=r1.\n~\n>=r2.\n!\n>=r3.\n<=o2.\n<=o1.\n",
    b">=l1.\n<=c-1\n<=o1.\n",
    b">=i1.\n<=v1.\n>*l2.r3K\n<=c-2\n",
    b">=r1.\n>=r2.\n<=bF.\n<=b2.\n",
    b">=c22\n>=r3.\n>=c-3\n>=r3.\n<=o3D\n<=o3.\n",
]


def random_script(dice):
    """A script of a session in the version that has batches, more often sound than not."""
    steps = [b">=i0.", b"<=v0."]
    for _ in range(dice.randrange(3, 14)):
        is_client = dice.random() < 0.5
        kinds = "rrrrnccpilbme" if is_client else "oooooeeevwrnbm"
        members = [
            dice.choice(kinds) + dice.choice("1234ab1234ab-NFBAZ") + dice.choice("...........DSNRKZLUTXWO1234ab")
            for _ in range(dice.choice([1, 1, 1, 2, 3]))
        ]
        form = "*" if len(members) > 1 else "="
        steps.append(((">" if is_client else "<") + form + "".join(members)).encode())
        if dice.random() < 0.05:
            steps.append(dice.choice([b"~", b"!", b">" + dice.choice(GOOD), b"<" + dice.choice(HOSTILE)]))
    return b"\n".join(steps) + dice.choice([b"\n", b"\n", b""])


def framed(dice, lines):
    """A stream with cuts in it, as targets/framing/FramingTarget.swift reads it."""
    ends = [dice.choice([b"\n", b"\n", b"\r\n", b"\n\n"]) for _ in lines]
    stream = b"".join(line + end for line, end in zip(lines, ends))
    cuts = [dice.randrange(len(stream) + 1) for _ in range(dice.randrange(8))]
    options = len(cuts) << 4 | dice.randrange(16)
    return bytes([options]) + b"".join(cut.to_bytes(2, "big") for cut in cuts) + stream


def seeds(target):
    """The seeds of a target, by name."""
    dice = random.Random(1)
    lines = GOOD + HOSTILE
    if target == "reading":
        found = lines + [line + b"\n" for line in GOOD]
    elif target == "framing":
        found = [framed(dice, dice.sample(lines, dice.randrange(1, 5))) for _ in range(100)]
    elif target == "conversation":
        found = SCRIPTS + [random_script(dice) for _ in range(300)]
        found.append(b"\n".join(b">" + line for line in lines) + b"\n")
    else:
        found = []
    return {f"seed-{number:03}": seed for number, seed in enumerate(found)}


def write_seeds(target, folder):
    """Puts the seeds of `target` where the fuzzer looks for them."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, seed in seeds(target).items():
        (folder / name).write_bytes(seed)
