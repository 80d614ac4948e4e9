// Behind Caddy with TLS ended there, and its X-Forwarded-For.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificate, finish, freePort, run, scratch, start, startPeer, until } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const { cert, key } = certificate();
const server = await start(echoServer, '--verbose', '--trusted-proxy', '127.0.0.1');
const port = await freePort();
const config = join(scratch, 'Caddyfile');
writeFileSync(config, `
{
  admin off
  auto_https off
  storage file_system ${scratch}/caddy
}
https://localhost:${port} {
  bind 127.0.0.1
  tls ${cert} ${key}
  reverse_proxy 127.0.0.1:${server.port}
}
`);
process.env.HOME = scratch;
process.env.XDG_CONFIG_HOME = scratch;
process.env.XDG_DATA_HOME = scratch;
await startPeer(port, 'caddy', 'run', '--config', config, '--adapter', 'caddyfile');
const client = await run(echoClient, `wss://localhost:${port}/through/caddy`, '--ca-file', cert, '--count', '10', '--size', '70000', '--frames', 'binary');
assert.equal(client.code, 0, client.stderr);
await until(2000, 'address', () => server.lines.length > 1);
assert.deepEqual(server.lines.slice(1), ['opened 127.0.0.1 /through/caddy']);
finish();
