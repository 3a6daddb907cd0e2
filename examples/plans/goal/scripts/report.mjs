// Writes what was found, and how many candidates were looked at for it.
// Usage: node report.mjs FETCHED_FOLDER KEPT_FOLDER TARGET_FILE
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [fetched, kept, target] = process.argv.slice(2);
const numbers = readdirSync(kept).map((file) => JSON.parse(readFileSync(join(kept, file), 'utf8')).number);
const lines = numbers.toSorted((a, b) => a - b).map((number) => `- ${number}`);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `# ${numbers.length} found of ${readdirSync(fetched).length} tried\n\n${lines.join('\n')}\n`);
