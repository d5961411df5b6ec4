// A server as Node writes it, with a child of its own that ignores every signal that can be ignored and its stdin.
// On the end of its input it tidies up and exits with 7; any signal finds it unprepared.
'use strict';
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const stubborn = spawn('sh', ['-c', 'trap "" TERM INT HUP PIPE; echo ready; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'inherit'] });

stubborn.stdout.once('data', () => {
  const lines = readline.createInterface({ input: process.stdin });
  const answer = (id, result) => process.stdout.write(JSON.stringify({ result, jsonrpc: '2.0', id }) + '\n');
  lines.on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'tools/call') answer(id, { echo: params.arguments.text });
    else if (method) answer(id, { pids: [process.pid, stubborn.pid] });
  });
  lines.on('close', () => {
    stubborn.kill('SIGKILL');
    stubborn.once('exit', () => process.exit(7));
  });
});
