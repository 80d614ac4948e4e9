// Behind nginx with TLS ended there: messages pass, and the true client address comes from X-Forwarded-For of a trusted front.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import WebSocket from 'ws';
import { certificate, finish, freePort, run, scratch, start, startPeer, until, within } from './peer.mjs';

const [, , echoServer, echoClient] = process.argv;
const { cert, key } = certificate();
const server = await start(echoServer, '--verbose', '--trusted-proxy', '127.0.0.0/8', '--message-bytes-max', '16777216');
const port = await freePort();
const config = join(scratch, 'nginx.conf');
writeFileSync(config, `
daemon off; master_process off; error_log stderr warn; pid ${scratch}/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path ${scratch}/body; proxy_temp_path ${scratch}/proxy; fastcgi_temp_path ${scratch}/f; uwsgi_temp_path ${scratch}/u; scgi_temp_path ${scratch}/s;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${cert}; ssl_certificate_key ${key};
    location / {
      proxy_pass http://127.0.0.1:${server.port};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For "203.0.113.7, $remote_addr";
    }
  }
}
`);
await startPeer(port, 'nginx', '-c', config);

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
