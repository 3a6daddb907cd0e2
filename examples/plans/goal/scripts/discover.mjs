// Writes the list of candidates: numbers, one after the other.
// Usage: node discover.mjs FROM COUNT TARGET_FILE
import { writeFileSync } from 'node:fs';

const [from, count, target] = process.argv.slice(2);
const candidates = Array.from({ length: Number(count) }, (_, index) => {
  const number = Number(from) + index;
  return { id: `n${number}`, number };
});
writeFileSync(target, `${JSON.stringify({ candidates }, null, 1)}\n`);
