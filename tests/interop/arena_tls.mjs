// The arena over wss://: by its own certificate, and behind nginx and HAProxy that end TLS and tell the true address.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificate, finish, freePort, nginxInFront, run, scratch, startPeer, until } from './peer.mjs';

const [, , arenaServer, arena] = process.argv;
const { cert, key } = certificate();

/// The arena server, with its log, which names the address of whoever joins.
async function serve(...args) {
  const server = { log: '', url: '' };
  const child = spawn(arenaServer, ['--address', '127.0.0.1', '--port', '0', '--bots', '3', '--seconds', '60', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill());
  child.stdout.on('data', (data) => { server.url += /listening on (\S+)/.exec(data)?.[1] ?? ''; });
  child.stderr.on('data', (data) => { server.log += data; });
  await until(5000, 'arena-server', () => server.url);
  server.port = server.url.split(':').pop();
  server.child = child;
  return server;
}

async function play(url) {
  const result = await run(arena, url, '--headless', '--seconds', '1', '--ca-file', cert, '--name', 'tls');
  assert.equal(result.code, 0, result.stderr);
  assert.ok(JSON.parse(result.stdout).snapshots > 10, result.stdout);
}

// Its own certificate; after SIGHUP it goes on.
const own = await serve('--tls-certificate', cert, '--tls-key', key);
assert.match(own.url, /^wss:/);
await play(`wss://localhost:${own.port}`);
own.child.kill('SIGHUP');
await until(5000, 'reload', () => own.log.includes('certificate read again'));
await play(`wss://localhost:${own.port}`);
const stranger = await run(arena, `wss://localhost:${own.port}`, '--headless', '--seconds', '1');
assert.notEqual(stranger.code, 0);
assert.match(stranger.stderr, /not trusted/);

// nginx ends TLS.
const behind = await serve('--trusted-proxy', '127.0.0.1', '--anonymous');
const nginxPort = await nginxInFront(behind.port, { cert, key }, '203.0.113.7');
await play(`wss://localhost:${nginxPort}`);
assert.match(behind.log, /joined .*address=203\.0\.113\.7/);

// HAProxy passes TLS on, untouched, behind a PROXY protocol header.
const proxied = await serve('--tls-certificate', cert, '--tls-key', key, '--trusted-proxy', '127.0.0.1', '--proxy-protocol', '--anonymous');
const haproxyPort = await freePort();
const haproxy = join(scratch, 'haproxy.cfg');
writeFileSync(haproxy, `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:${haproxyPort}
  bind [::1]:${haproxyPort}
  default_backend games
backend games
  server game 127.0.0.1:${proxied.port} send-proxy-v2
`);
await startPeer(haproxyPort, 'haproxy', '-db', '-f', haproxy);
await play(`wss://localhost:${haproxyPort}`);
assert.match(proxied.log, /joined .*address=(127\.0\.0\.1|::1)/);
finish();
