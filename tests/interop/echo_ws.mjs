// The `ws` package in both roles: as a client of the echo server, and as the server of the echo client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket, { WebSocketServer } from 'ws';
import { finish, run, start, within } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const sizes = [0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20];

// Their client, our server.
{
  const { url } = await start(echoServer, '--message-bytes-max', '16777216');
  const socket = new WebSocket(`${url}/some/path?and=query`);
  await within(5000, 'handshake', once(socket, 'open'));
  assert.equal(socket.extensions, '', 'permessage-deflate is declined');
  const echo = async (message, options) => {
    const answer = once(socket, 'message');
    socket.send(message, options);
    const [data, binary] = await within(5000, 'echo', answer);
    assert.equal(binary, typeof message !== 'string');
    assert.ok(Buffer.from(message).equals(data));
  };
  for (const size of sizes) {
    await echo('ü'.repeat(size / 2) + 'x'.repeat(size % 2));
    await echo(Buffer.alloc(size, size));
  }
  // Fragments with a ping between them.
  const whole = once(socket, 'message');
  const pong = once(socket, 'pong');
  socket.send(Buffer.from('one '), { binary: true, fin: false });
  socket.ping('between');
  socket.send(Buffer.from('two '), { fin: false });
  socket.send(Buffer.from('three'), { fin: true });
  assert.equal((await within(5000, 'fragments', whole))[0].toString(), 'one two three');
  assert.equal((await within(5000, 'pong', pong))[0].toString(), 'between');
  // Its code comes back.
  socket.close(3210, 'good night');
  assert.equal((await within(5000, 'close', once(socket, 'close')))[0], 3210);

  // A message over the limit.
  const big = new WebSocket(url);
  await within(5000, 'handshake', once(big, 'open'));
  big.on('error', () => {});
  big.send(Buffer.alloc(16777217));
  assert.equal((await within(10000, 'close', once(big, 'close')))[0], 1009);
}

// Their server, our client.
{
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 64 << 20, perMessageDeflate: true });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${server.address().port}/path?query=1`;
  server.on('connection', (socket, request) => {
    assert.equal(request.url, '/path?query=1');
    assert.equal(socket.extensions, '');
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  for (const frames of ['text', 'binary']) {
    for (const size of sizes) {
      const result = await run(echoClient, url, '--frames', frames, '--size', String(size), '--count', '3');
      assert.equal(result.code, 0, result.stderr);
      assert.match(result.stdout, /3 of 3 messages came back/);
    }
  }
  server.close();

  // The client as the one that answers, until the server closes.
  const asking = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(asking, 'listening');
  const answering = run(echoClient, `ws://127.0.0.1:${asking.address().port}`, '--respond', '--print');
  const [socket] = await within(5000, 'connection', once(asking, 'connection'));
  const answer = once(socket, 'message');
  socket.send('are you there?');
  assert.equal((await within(5000, 'answer', answer))[0].toString(), 'are you there?');
  socket.close(1000);
  const result = await within(5000, 'end', answering);
  assert.equal(result.code, 0, result.stderr);
  assert.equal(result.stdout, 'are you there?\n');
  asking.close();
}

finish();
