// A page in headless Chromium against the echo server: an allowed origin talks, a foreign one is refused.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { finish, scratch, start, within } from './peer.mjs';

const echoServer = process.argv[2];
const pages = createServer((request, response) => response.setHeader('Content-Type', 'text/html').end('<title>echo</title>'));
await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
// A host name of its own makes the page foreign to a server on 127.0.0.1.
const origin = `http://localhost:${pages.address().port}`;

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const browser = await within(60000, 'browser', chromium.launch({ executablePath: '/usr/bin/chromium', args: flags, env: { ...process.env, HOME: scratch } }));
try {
  const page = await browser.newPage();
  await page.goto(origin);
  const talk = (url) => page.evaluate((target) => new Promise((resolve) => {
    const socket = new WebSocket(target, ['unknown', 'echo']);
    const answers = [];
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      socket.send('grüße');
      socket.send(new Uint8Array([0, 1, 2, 255]));
      socket.send('x'.repeat(100000));
    };
    socket.onmessage = ({ data }) => {
      answers.push(typeof data === 'string' ? (data.length > 100 ? data.length : data) : [...new Uint8Array(data)].join());
      if (answers.length === 3) socket.close(3000, 'done');
    };
    socket.onclose = ({ code, wasClean }) => resolve({ answers, code, wasClean, protocol: socket.protocol, extensions: socket.extensions });
  }), url);

  const allowed = await start(echoServer, '--origin', origin, '--subprotocol', 'echo');
  assert.deepEqual(await within(20000, 'echo', talk(allowed.url)),
    { answers: ['grüße', '0,1,2,255', 100000], code: 3000, wasClean: true, protocol: 'echo', extensions: '' });

  const strict = await start(echoServer, '--subprotocol', 'echo');
  const refused = await within(20000, 'refusal', talk(strict.url));
  assert.deepEqual([refused.answers, refused.code, refused.wasClean], [[], 1006, false]);
} finally {
  await browser.close();
}
finish();
