// curl's handshake: a tool without WebSocket sees a correct 101, and every refusal as plain HTTP with its reason.
import assert from 'node:assert/strict';
import { finish, run, start } from './peer.mjs';

const { url } = await start(process.argv[2]);
const http = url.replace('ws://', 'http://');
const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
const ask = (headers, ...more) =>
  run('curl', '--silent', '--show-error', '--noproxy', '*', '--include', '--no-buffer', '--max-time', '1', '--http1.1', ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]), ...more, http);

const good = await ask(upgrade);
assert.match(good.stdout, /^HTTP\/1\.1 101 /);
// The key and the answer of RFC 6455 1.3.
assert.match(good.stdout, /^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/im);

const plain = await ask({});
assert.match(plain.stdout, /^HTTP\/1\.1 426 /);
const old = await ask({ ...upgrade, 'Sec-WebSocket-Version': '8' });
assert.match(old.stdout, /^HTTP\/1\.1 426 /);
assert.match(old.stdout, /^sec-websocket-version: 13\r$/im);
const short = await ask({ ...upgrade, 'Sec-WebSocket-Key': 'c2hvcnQ=' });
assert.match(short.stdout, /^HTTP\/1\.1 400 /);
const posted = await ask(upgrade, '-X', 'POST');
assert.match(posted.stdout, /^HTTP\/1\.1 40[05] /);
const foreign = await ask({ ...upgrade, Origin: 'https://evil-example.com' });
assert.match(foreign.stdout, /^HTTP\/1\.1 403 /);
finish();
