// A client as Node writes it: the guard's stdio are sockets, ids count from 0, the id comes last, only the guard is signalled.
// argv: ENDING COMMAND ARG...   Prints one JSON line per event; the test outside watches the processes.
'use strict';
const { spawn } = require('node:child_process');
const [ending, command, ...args] = process.argv.slice(2);
const CALLS = 200;

const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n');
const child = spawn(command, args, { stdio: 'pipe', shell: false });
child.on('exit', (code, signal) => say('exit', { code, signal }));
child.on('close', () => say('close'));
child.stdin.on('error', () => {});

const send = (method, params, id) => child.stdin.write(JSON.stringify({ method, params, jsonrpc: '2.0', id }) + '\n');

const end = {
  eof: () => child.stdin.end(),
  SIGTERM: () => child.kill('SIGTERM'),
  SIGKILL: () => child.kill('SIGKILL'),
  SIGHUP: () => child.kill('SIGHUP'),
  SIGINT: () => child.kill('SIGINT'),
  // How the TypeScript client disposes of the sibling it only started to probe for the era.
  probe: () => { child.stdin.end(); child.kill('SIGTERM'); },
  crash: () => process.kill(process.pid, 'SIGKILL'),
}[ending];

const answers = new Map();
let buffer = '';
let first;
child.stdout.setEncoding('utf8');
child.stdout.on('data', (chunk) => {
  buffer += chunk;
  const lines = buffer.split('\n');
  buffer = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    if (message.method === 'ping') child.stdin.write(JSON.stringify({ result: {}, jsonrpc: '2.0', id: message.id }) + '\n');
    else if (message.id !== undefined) answers.set(message.id, message);
    first ??= message;
  }
  const wanted = ending === 'probe' ? 1 : CALLS + 1;
  if (answers.size === wanted && end) {
    const whole = [...answers].every(([id, message]) => ending === 'probe' || id === 0 || message.result.echo === 'ü🎉'.repeat(id));
    say('answered', { count: answers.size, whole, pids: first.result.pids });
    end();
  }
});

if (ending === 'probe') {
  send('server/discover', { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }, 'server-discover-probe-0');
} else {
  send('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'node', version: '1' } }, 0);
  for (let id = 1; id <= CALLS; id += 1) send('tools/call', { name: 'echo', arguments: { text: 'ü🎉'.repeat(id) } }, id);
}
