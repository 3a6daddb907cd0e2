// Finds what needs no opinion. Usage: findings.mjs SLICE FIRST_LINE OUTPUT
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [slice, first, output] = process.argv.slice(2);
const RULES = [
  ['longer than 120 characters', (line) => line.length > 120],
  ['a note to do something later', (line) => /\b(?:TODO|FIXME|XXX)\b/.test(line)],
  ['white space at its end', (line) => /[ \t]$/.test(line)],
  ['a debugging statement', (line) => /\bconsole\.(?:log|debug)\(|\bdebugger;/.test(line)],
];

const lines = readFileSync(slice, 'utf8').replace(/\n$/, '').split('\n');
const findings = lines.flatMap((line, at) =>
  RULES.filter(([, holds]) => holds(line)).map(([what]) => ({ line: Number(first) + at, what })),
);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `${JSON.stringify({ lines: lines.length, findings })}\n`);
