// Behind nginx with TLS ended there: messages pass, and the true client address comes from X-Forwarded-For of a trusted front.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import WebSocket from 'ws';
import { certificate, finish, nginxInFront, run, start, until, within } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const { cert, key } = certificate();
const server = await start(echoServer, '--verbose', '--trusted-proxy', '127.0.0.0/8', '--message-bytes-max', '16777216');
const port = await nginxInFront(server.port, { cert, key }, '203.0.113.7');

const socket = new WebSocket(`wss://localhost:${port}/through/nginx`, { ca: readFileSync(cert) });
await within(5000, 'handshake', once(socket, 'open'));
for (const message of ['small', 'x'.repeat(1 << 20)]) {
  const answer = once(socket, 'message');
  socket.send(message);
  assert.equal((await within(10000, 'echo', answer))[0].toString(), message);
}
const pong = once(socket, 'pong');
socket.ping('through');
assert.equal((await within(5000, 'pong', pong))[0].toString(), 'through');
socket.close(1000);
await within(5000, 'close', once(socket, 'close'));
await until(2000, 'address', () => server.lines.length > 1);
assert.deepEqual(server.lines.slice(1), ['opened 203.0.113.7 /through/nginx']);

const client = await run(echoClient, `wss://localhost:${port}/`, '--ca-file', cert, '--count', '10', '--size', '5000');
assert.equal(client.code, 0, client.stderr);
finish();
