// The `ws` package as a client of the arena server: handshake with our subprotocol, ping, pong, and a refusal without it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';
import { finish, start, within } from './peer.mjs';

const { url } = await start(process.argv[2], '--bots', '2');

const socket = new WebSocket(url, 'tidewire.v1');
await within(5000, 'handshake', once(socket, 'open'));
assert.equal(socket.protocol, 'tidewire.v1');
assert.equal(socket.extensions, '');

for (const payload of [Buffer.alloc(0), Buffer.from('tide'), Buffer.alloc(125, 7)]) {
  const pong = once(socket, 'pong');
  socket.ping(payload);
  const [data] = await within(5000, `pong of ${payload.length} bytes`, pong);
  assert.deepEqual(data, payload);
}

// Text is not our protocol: it is refused with a code that says so, after a proper close frame.
socket.send('hello');
const [code] = await within(5000, 'close', once(socket, 'close'));
assert.equal(code, 1003);

// Without the subprotocol there is no upgrade, and the answer says which one is wanted.
const stranger = new WebSocket(url);
const [, response] = await within(5000, 'refusal', once(stranger, 'unexpected-response'));
assert.equal(response.statusCode, 400);
const body = Buffer.concat(await response.toArray()).toString();
assert.match(body, /tidewire\.v1/);

finish();
