// TLS on both sides: verification, SNI, pins, the certificate's reload, and a proxy that must be passed with CONNECT.
import assert from 'node:assert/strict';
import { X509Certificate, createHash } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import tls from 'node:tls';
import WebSocket, { WebSocketServer } from 'ws';
import { certificate, finish, run, start, within } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const ours = certificate('ours');
const other = certificate('other');

// Their client, our server; the certificate changes on SIGHUP and living connections stay.
const server = await start(echoServer, '--tls-certificate', ours.cert, '--tls-key', ours.key);
assert.match(server.url, /^wss:/);
const open = async (ca) => {
  const socket = new WebSocket(server.url, { ca: readFileSync(ca) });
  await within(5000, 'TLS handshake', once(socket, 'open'));
  return socket;
};
const echo = async (socket, text) => {
  const answer = once(socket, 'message');
  socket.send(text);
  assert.equal((await within(5000, 'echo', answer))[0].toString(), text);
};
const first = await open(ours.cert);
await echo(first, 'x'.repeat(200000));
const shown = () => new Promise((resolve, reject) => {
  const probe = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
    resolve(probe.getPeerCertificate().subject.CN);
    probe.destroy();
  });
  probe.on('error', reject);
});
assert.equal(await shown(), 'ours');
copyFileSync(other.cert, ours.cert);
copyFileSync(other.key, ours.key);
server.child.kill('SIGHUP');
let name = '';
for (const end = Date.now() + 5000; name !== 'other' && Date.now() < end;) name = await shown();
assert.equal(name, 'other', 'a new connection sees the new certificate');
await echo(first, 'still here');
first.close();
// Versions before 1.2 are refused.
const old = await new Promise((resolve) => {
  const probe = tls.connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
  probe.on('secureConnect', () => resolve('connected'));
  probe.on('error', () => resolve('refused'));
});
assert.equal(old, 'refused');

// Our client, their server.
const https = createHttps({ cert: readFileSync(other.cert), key: readFileSync(other.key) });
let servername;
const sockets = new WebSocketServer({ server: https });
sockets.on('connection', (socket, request) => {
  servername = request.socket.servername;
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
await new Promise((resolve) => https.listen(0, '127.0.0.1', resolve));
const url = `wss://localhost:${https.address().port}`;
const pin = createHash('sha256').update(new X509Certificate(readFileSync(other.cert)).publicKey.export({ type: 'spki', format: 'der' })).digest('hex');

const trusted = await run(echoClient, url, '--ca-file', other.cert, '--size', '100000');
assert.equal(trusted.code, 0, trusted.stderr);
assert.equal(servername, 'localhost', 'SNI is sent');
const numeric = await run(echoClient, url.replace('localhost', '127.0.0.1'), '--ca-file', other.cert);
assert.equal(numeric.code, 0, numeric.stderr);
const untrusted = await run(echoClient, url);
assert.equal(untrusted.code, 1);
assert.match(untrusted.stderr, /not trusted.*CA file/);
const insecure = await run(echoClient, url, '--insecure');
assert.equal(insecure.code, 0, insecure.stderr);
const pinned = await run(echoClient, url, '--ca-file', other.cert, '--pinned-key', pin);
assert.equal(pinned.code, 0, pinned.stderr);
const mispinned = await run(echoClient, url, '--ca-file', other.cert, '--pinned-key', '00'.repeat(32));
assert.equal(mispinned.code, 1);
assert.match(mispinned.stderr, /pinned/);
// The name in the certificate must be the one in the URL.
const elsewhere = await run(echoClient, url.replace('localhost', 'ip6-localhost'), '--ca-file', other.cert);
assert.equal(elsewhere.code, 1);

// A proxy that wants credentials, in front of both schemes.
const asked = [];
const proxy = createHttp();
proxy.on('connect', (request, socket, head) => {
  asked.push(request.url);
  if (request.headers['proxy-authorization'] !== `Basic ${Buffer.from('tide:w@ve').toString('base64')}`) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  const [host, port] = request.url.split(':');
  const upstream = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
});
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const through = `http://tide:w%40ve@127.0.0.1:${proxy.address().port}`;
const tunneled = await run(echoClient, url, '--ca-file', other.cert, '--proxy', through, '--count', '5');
assert.equal(tunneled.code, 0, tunneled.stderr);
const plain = await start(echoServer);
const tunneledPlain = await run(echoClient, plain.url, '--proxy', through);
assert.equal(tunneledPlain.code, 0, tunneledPlain.stderr);
assert.deepEqual(asked, [`localhost:${https.address().port}`, `127.0.0.1:${plain.port}`]);
const locked = await run(echoClient, plain.url, '--proxy', `http://127.0.0.1:${proxy.address().port}`);
assert.equal(locked.code, 1);
assert.match(locked.stderr, /407.*user and password/);
finish();
