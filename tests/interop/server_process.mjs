// Starts one of our servers on a free port and says where it listens; stops it at the end of the program.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export function start(program, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['--address', '127.0.0.1', '--port', '0', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    process.on('exit', () => child.kill());
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /listening on (wss?:\/\/\S+)/.exec(line);
      if (match) resolve({ url: match[1], child });
    });
  });
}

/// Ends the program with a failure when the promise takes longer.
export function within(milliseconds, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}
