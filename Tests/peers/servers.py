"""Real servers behind the guard, spoken to by the official Python client in both eras."""

import asyncio
import io
import json
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

from mcp.client import stdio
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from harness import PEERS, Checks, end_all, environment, guarded, survivors

Steps = Callable[[Client, Callable[[str, bool, object], bool]], Awaitable[None]]


def run(guard: str, checks: Checks, _rounds: int) -> None:
    folder = tempfile.mkdtemp(prefix="peers-")
    try:
        repository, first = make_repository(f"{folder}/repository")
        modern, first_generation = PEERS / "modern" / "bin", PEERS / "first-generation" / "bin"
        for mode in ("legacy", "2026-07-28", "auto"):
            visit(guard, checks, f"time, {mode}", mode, [f"{modern}/mcp-server-time", "--local-timezone", "Europe/Zurich"], tell_time)
            visit(guard, checks, f"git, {mode}", mode, [f"{modern}/mcp-server-git", "--repository", repository],
                  lambda client, check: read_history(client, check, repository, first))  # fmt: skip
        for mode in ("legacy", "auto"):  # it knows no other era; "auto" finds that out by itself
            visit(guard, checks, f"sqlite, {mode}", mode, [f"{first_generation}/mcp-server-sqlite", "--db-path", f"{folder}/{mode}.db"], keep_books)
    finally:
        shutil.rmtree(folder)


def make_repository(path: str) -> tuple[str, str]:
    """A repository with one commit and one change that is not committed."""
    def git(*words: str) -> str:
        identity = ["-c", "user.name=Peer", "-c", "user.email=peer@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", "-C", path, *identity, *words], check=True, capture_output=True, text=True).stdout

    os.mkdir(path)
    git("init", "--quiet", "--initial-branch", "trunk")
    with open(f"{path}/note.txt", "w", encoding="utf-8") as file:
        file.write("größer\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "The first – with an en dash")
    with open(f"{path}/note.txt", "a", encoding="utf-8") as file:
        file.write("zweite Zeile\n")
    return path, git("rev-parse", "HEAD").strip()


@asynccontextmanager
async def remembering(spawned: list):
    """Notes the processes that the client starts, so that their exit status can be seen."""
    original = stdio._create_platform_compatible_process

    async def spawn(*words, **named):
        spawned.append(await original(*words, **named))
        return spawned[-1]

    stdio._create_platform_compatible_process = spawn
    try:
        yield
    finally:
        stdio._create_platform_compatible_process = original


def visit(guard: str, checks: Checks, name: str, mode: str, server: list[str], steps: Steps) -> None:
    tag, spawned = uuid.uuid4().hex, []
    command, *arguments = guarded(guard, server)

    def check(what: str, holds: bool, detail: object = "") -> bool:
        return checks.check(f"{name}: {what}", holds, detail)

    async def session(home: str, errors: io.TextIOBase) -> float:
        parameters = StdioServerParameters(command=command, args=arguments, env=environment(home, tag))
        async with remembering(spawned), asyncio.timeout(60):
            async with Client(stdio_client(parameters, errlog=errors), mode=mode) as client:
                await steps(client, check)
                leaving = time.monotonic()
        return time.monotonic() - leaving

    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+") as errors:
        try:
            leaving = asyncio.run(session(home, errors))
            check("leaves within 1.9 s, before a client would use force", leaving < 1.9, f"{leaving:.2f} s")
        except BaseException as error:
            check("the session runs to its end", False, repr(error))
        statuses = [process.returncode for process in spawned]
        check("exit status", statuses == [0], statuses)
        left = survivors(tag, time.monotonic() + 1)
        check("no process is left", not left, left)
        end_all(tag)
        errors.seek(0)
        said = [line for line in errors.read().splitlines() if line.startswith("mcp-guard:")]
        check("the guard has nothing to say", not said, said)


def words(result) -> str:
    return "".join(block.text for block in result.content if block.type == "text")


async def tell_time(client: Client, check) -> None:
    tools = [tool.name for tool in (await client.list_tools()).tools]
    check("tools", tools == ["get_current_time", "convert_time"], tools)
    now = await client.call_tool("get_current_time", {"timezone": "UTC"})
    check("the time", json.loads(words(now))["timezone"] == "UTC", now)
    there = {"source_timezone": "Asia/Kathmandu", "time": "12:00", "target_timezone": "UTC"}
    converted = await client.call_tool("convert_time", there)
    check("a conversion", json.loads(words(converted))["time_difference"] == "-5.75h", converted)
    check("a bad zone is the tool's error", await fails(client, "get_current_time", {"timezone": "Mars/Olympus"}))
    many = [client.call_tool("get_current_time", {"timezone": "UTC"}) for _ in range(50)]
    answers = await asyncio.gather(*many)
    check("50 calls at once", all("UTC" in words(answer) for answer in answers))


async def fails(client: Client, tool: str, arguments: dict) -> bool:
    """Whether the server itself refuses, as a result or as an error."""
    try:
        return (await client.call_tool(tool, arguments)).is_error
    except MCPError as error:
        return error.error.code not in (40304, 40306)


async def read_history(client: Client, check, repository: str, first: str) -> None:
    here = {"repo_path": repository}
    tools = {tool.name for tool in (await client.list_tools()).tools}
    check("tools", {"git_status", "git_log", "git_diff_unstaged", "git_show", "git_add"} <= tools, tools)
    status = words(await client.call_tool("git_status", here))
    check("status", "note.txt" in status and "trunk" in status, status)
    log = words(await client.call_tool("git_log", here | {"max_count": 5}))
    check("log", first in log and "The first – with an en dash" in log, log)
    change = words(await client.call_tool("git_diff_unstaged", here))
    check("diff", "+zweite Zeile" in change and "größer" in change, change)
    shown = words(await client.call_tool("git_show", here | {"revision": first}))
    check("show", "+größer" in shown, shown)
    check("another repository is refused by the server", await fails(client, "git_status", {"repo_path": "/"}))


async def keep_books(client: Client, check) -> None:
    tools = {tool.name for tool in (await client.list_tools()).tools}
    check("tools", {"read_query", "write_query", "create_table", "append_insight"} <= tools, tools)
    await client.call_tool("create_table", {"query": "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)"})
    rows = ", ".join(f"('Jürgen {i} – \"quoted\"', {2**53 + i})" for i in range(500))
    written = await client.call_tool("write_query", {"query": f"INSERT INTO people (name, n) VALUES {rows}"})
    check("rows written", "500" in words(written), written)
    found = words(await client.call_tool("read_query", {"query": "SELECT name, n FROM people ORDER BY id"}))
    check("rows read", "Jürgen 499" in found and str(2**53 + 499) in found and found.count("Jürgen") == 500, found[:200])
    await client.call_tool("append_insight", {"insight": "half of them are left-handed"})
    memo = await client.read_resource("memo://insights")
    check("a resource", "left-handed" in memo.contents[0].text, memo)
    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    check("prompts", prompts == ["mcp-demo"], prompts)
    prompt = await client.get_prompt("mcp-demo", {"topic": "beekeeping"})
    check("a prompt", "beekeeping" in prompt.messages[0].content.text)
    failed = await client.call_tool("read_query", {"query": "SELECT * FROM nowhere"})
    check("a bad query is the server's error", "no such table" in words(failed), failed)
