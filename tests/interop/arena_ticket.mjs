// The arena behind tickets, as an operator and a player run it: a ticket lets in once, by the arena's client and by a WebSocket client
// that offers it as a subprotocol, and a new key counts after SIGHUP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { finish, run, scratch, until, within } from './peer.mjs';

const [, , arenaServer, arena] = process.argv;
const keys = join(scratch, 'keys');
writeFileSync(keys, 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\n');

const child = spawn(arenaServer, ['--address', '0.0.0.0', '--port', '0', '--seconds', '60', '--ticket-key-file', keys], { stdio: ['ignore', 'pipe', 'pipe'] });
process.on('exit', () => child.kill());
let out = '';
let log = '';
child.stdout.on('data', (data) => { out += data; });
child.stderr.on('data', (data) => { log += data; });
await until(5000, 'arena-server', () => /listening on \S+:\d+ /.test(out));
const url = `ws://127.0.0.1:${/listening on \S+:(\d+) /.exec(out)[1]}`;

async function ticket() {
  const made = await run(arenaServer, 'ticket', '--key-file', keys, '--room', '1', '--player', 'account-7', '--name', 'Ann', '--seconds', '60');
  assert.equal(made.code, 0, made.stderr);
  return made.stdout.trim();
}
const play = (token) => run(arena, url, '--headless', '--seconds', '1', '--token', token);

const first = await ticket();
const played = await play(first);
assert.equal(played.code, 0, played.stderr);
assert.match(log, /joined .*name="Ann" subject="account-7"/);
const again = await play(first);
assert.notEqual(again.code, 0);
assert.match(again.stderr, /the ticket has been used before/);
const without = await run(arena, url, '--headless', '--seconds', '1');
assert.match(without.stderr, /asks for a ticket/);

// The server selects its own subprotocol and never names the other one.
const page = new WebSocket(url, ['tidewire.v1', `tidewire.token.${await ticket()}`]);
await within(5000, 'handshake', once(page, 'open'));
assert.equal(page.protocol, 'tidewire.v1');
page.terminate();

const old = await ticket();
writeFileSync(keys, 'enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6eno\n');
child.kill('SIGHUP');
await until(5000, 'reload', () => log.includes('keys read again'));
assert.match((await play(old)).stderr, /not by this server's key/);
assert.equal((await play(await ticket())).code, 0);

assert.ok(!log.includes(first) && !log.includes(old), 'a ticket stands in the log');
finish();
