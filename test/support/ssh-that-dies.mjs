// `node ssh-that-dies.mjs BYTES PROGRAM ARGUMENT…` is PROGRAM until so many bytes have gone into it: then it is killed.

import { spawn } from 'node:child_process';

const [bytes, program, ...args] = process.argv.slice(2);
let left = Number(bytes);
const child = spawn(program ?? '', args, { stdio: ['pipe', 'inherit', 'inherit'] });
child.stdin.on('error', () => {});
child.on('exit', (code) => process.exit(code ?? 255));
process.stdin.on('end', () => child.stdin.end());
process.stdin.on('data', (part) => {
  child.stdin.write(part);
  left -= part.length;
  if (left <= 0) child.kill('SIGKILL');
});
