// Computes a vector for each passage of one part.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { vectorOf } from './vectors.mjs';

const [part, dimensions, memoryMb, target] = process.argv.slice(2);

// On a simulated card this is what the card shows as held by this program; on any other there is no such file.
const held = process.env.DROVER_SIMULATED_MEMORY_FILE;
if (held) writeFileSync(held, memoryMb);

const lines = readFileSync(part, 'utf8').trim().split('\n');
const rows = lines.map((line) => {
  const { path, passage, text } = JSON.parse(line);
  return JSON.stringify({ path, passage, text: text.slice(0, 200), vector: vectorOf(text, Number(dimensions)) });
});
mkdirSync(dirname(target), { recursive: true });
writeFileSync(`${target}.tmp`, `${rows.join('\n')}\n`);
renameSync(`${target}.tmp`, target);
if (held) writeFileSync(held, '0');
