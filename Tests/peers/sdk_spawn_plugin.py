"""A pytest plugin that puts $PEERS_GUARD between the SDK's client and every server it starts.

It replaces the one function that spawns, and must be loaded before the test modules, some of which import that function.
"""

import os

from mcp.client import stdio

original = stdio._create_platform_compatible_process


async def spawn_guarded(command, args, env=None, *rest, **named):
    if env is not None:
        env = env | {"MCP_GUARD_HOME": os.environ["MCP_GUARD_HOME"]}
    return await original(os.environ["PEERS_GUARD"], ["run", "--server", "peer", "--", command, *args], env, *rest, **named)


stdio._create_platform_compatible_process = spawn_guarded
