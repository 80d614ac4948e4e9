// What the interop tests share: starting programs on free ports, running them to their end, bounded waiting, certificates.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const children = [];
export const scratch = mkdtempSync(join(tmpdir(), 'tidewire-interop-'));
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

function child(program, args, stdio) {
  const started = spawn(program, args, { stdio });
  children.push(started);
  return started;
}

/// One of our servers on a free port of 127.0.0.1: where it listens, and its further lines of output.
export function start(program, ...args) {
  return new Promise((resolve, reject) => {
    const server = child(program, ['--address', '127.0.0.1', '--port', '0', ...args], ['ignore', 'pipe', 'inherit']);
    const lines = [];
    server.on('exit', (code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      lines.push(line);
      const match = /listening on (wss?:\/\/[^:]+:(\d+))/.exec(line);
      if (match) resolve({ url: match[1], port: Number(match[2]), child: server, lines });
    });
  });
}

/// Somebody else's server in the foreground, until `port` accepts connections.
export async function startPeer(port, program, ...args) {
  const server = child(program, args, ['ignore', 'ignore', 'pipe']);
  let stderr = '';
  server.stderr.on('data', (data) => { stderr += data; });
  for (let tries = 0; tries < 200; ++tries) {
    if (server.exitCode !== null) throw new Error(`${program} ended with ${server.exitCode}: ${stderr}`);
    const { connect } = await import('node:net');
    const accepted = await new Promise((resolve) => {
      const probe = connect(port, '127.0.0.1');
      probe.on('connect', () => { probe.destroy(); resolve(true); });
      probe.on('error', () => resolve(false));
    });
    if (accepted) return server;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${program} did not listen on ${port}: ${stderr}`);
}

/// Runs a program to its end.
export function run(program, ...args) {
  return new Promise((resolve) => {
    const running = child(program, args, ['ignore', 'pipe', 'pipe']);
    let stdout = '';
    let stderr = '';
    running.stdout.on('data', (data) => { stdout += data; });
    running.stderr.on('data', (data) => { stderr += data; });
    running.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/// Fails when the promise takes longer.
export function within(milliseconds, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

/// Waits until `condition()` is true.
export async function until(milliseconds, what, condition) {
  const end = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/// A port that was free a moment ago, for peers that cannot choose one themselves.
export function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/// A self-signed certificate for localhost and 127.0.0.1: paths of certificate, key and both in one file.
export function certificate(name = 'localhost') {
  const cert = join(scratch, `${name}.crt`);
  const key = join(scratch, `${name}.key`);
  const both = join(scratch, `${name}.pem`);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  writeFileSync(both, execFileSync('cat', [cert, key]));
  return { cert, key, both };
}

/// nginx that ends TLS in front of a server on 127.0.0.1:`upstream` and says that it speaks for `client`; its port.
export async function nginxInFront(upstream, { cert, key }, client) {
  const port = await freePort();
  const config = join(scratch, `nginx-${port}.conf`);
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
      proxy_pass http://127.0.0.1:${upstream};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For "${client}, $remote_addr";
    }
  }
}
`);
  await startPeer(port, 'nginx', '-c', config);
  return port;
}

export function finish() {
  console.log('1 passed, 0 failed');
  process.exit(0);
}
