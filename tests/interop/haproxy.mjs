// Behind HAProxy with TLS and HTTP/2 ended there: WebSocket over HTTP/2 (RFC 8441) from a client's extended CONNECT and from
// Chromium reaches the server, which sees HTTP/1.1; the true client address comes by the PROXY protocol, versions 1 and 2.
import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { chromium } from 'playwright-core';
import { certificate, finish, freePort, run, scratch, start, startPeer, until, within } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const { cert, both } = certificate();

for (const version of ['send-proxy', 'send-proxy-v2']) {
  const server = await start(echoServer, '--verbose', '--trusted-proxy', '127.0.0.1', '--proxy-protocol', '--origin', '*');
  const port = await freePort();
  const config = join(scratch, `haproxy-${version}.cfg`);
  writeFileSync(config, `
global
  log stderr format raw local0 warning
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 60s
frontend front
  bind 127.0.0.1:${port} ssl crt ${both} alpn h2,http/1.1
  default_backend games
backend games
  server game 127.0.0.1:${server.port} ${version}
`);
  await startPeer(port, 'haproxy', '-db', '-f', config);

  // HTTP/1.1 through the front.
  const client = await run(echoClient, `wss://localhost:${port}/one`, '--ca-file', cert, '--count', '5', '--size', '70000');
  assert.equal(client.code, 0, client.stderr);
  await until(2000, 'first connection', () => server.lines.length > 1);
  assert.equal(server.lines[1], 'opened 127.0.0.1 /one');

  // HTTP/2 with the extended CONNECT of RFC 8441 5.1, frames by hand.
  const session = connect(`https://localhost:${port}`, { ca: readFileSync(cert) });
  await within(5000, 'settings', once(session, 'remoteSettings'));
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':path': '/two', ':authority': `localhost:${port}`, 'sec-websocket-version': '13' },
    { endStream: false });
  const [headers] = await within(5000, 'answer', once(stream, 'response'));
  assert.equal(headers[':status'], 200);
  // A masked text frame "Hello" (RFC 6455 5.7) and the unmasked echo of it.
  const answer = once(stream, 'data');
  stream.write(Buffer.from('818537fa213d7f9f4d5158', 'hex'));
  assert.equal((await within(5000, 'echo', answer))[0].toString('hex'), '810548656c6c6f');
  await until(2000, 'second connection', () => server.lines.length > 2);
  assert.equal(server.lines[2], 'opened 127.0.0.1 /two');
  stream.destroy();
  session.destroy();

  if (version === 'send-proxy') continue;
  // A browser: its page comes over the same HTTP/2 connection, so it uses RFC 8441 by itself.
  const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const browser = await within(60000, 'browser', chromium.launch({ executablePath: '/usr/bin/chromium', args: flags, env: { ...process.env, HOME: scratch } }));
  try {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    // The echo server answers a plain request with 426: that is page enough.
    await page.goto(`https://localhost:${port}/page`);
    const echoed = await within(20000, 'echo', page.evaluate((target) => new Promise((resolve) => {
      const socket = new WebSocket(target);
      socket.onopen = () => socket.send('over HTTP/2');
      socket.onmessage = ({ data }) => resolve(data);
      socket.onclose = ({ code }) => resolve(`closed ${code}`);
    }), `wss://localhost:${port}/three`));
    assert.equal(echoed, 'over HTTP/2');
  } finally {
    await browser.close();
  }
}
finish();
