// Holds what the model read against the text. Usage: check.mjs TEXT READ OUTPUT text|model
// Ends with 3, and says why, when the invoice itself cannot be right: no further try would help.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [textPath, readPath, outputPath, facts] = process.argv.slice(2);
const text = readFileSync(textPath, 'utf8');
const read = JSON.parse(readFileSync(readPath, 'utf8'));

const cents = (amount) => Math.round(Number(amount) * 100);
const lines = [...text.matchAll(/^ {2}(\d+) x .+ at (\d+\.\d\d)$/gm)];
const sum = lines.reduce((total, [, quantity, price]) => total + Number(quantity) * cents(price), 0);
const found = {
  number: /^Invoice (\d+)$/m.exec(text)?.[1],
  vendor: text.split('\n')[0],
  date: /^Date: (\S+)$/m.exec(text)?.[1],
  total_cents: cents(/^Total: (\d+\.\d\d)$/m.exec(text)?.[1] ?? 'none'),
};

const faults = [
  found.number === undefined ? 'it has no number' : null,
  Number.isNaN(found.total_cents) ? 'it has no total' : null,
  lines.length === 0 ? 'it has no lines' : null,
  lines.length > 0 && found.total_cents !== sum ? `its lines make ${sum / 100}, its total says otherwise` : null,
].filter((fault) => fault !== null);
if (faults.length > 0) {
  process.stderr.write(`${textPath}: ${faults.join('; ')}\n`);
  process.exit(3);
}

const agrees = Object.keys(found).every((key) => found[key] === read[key]);
mkdirSync(dirname(outputPath), { recursive: true });
writeFileSync(outputPath, `${JSON.stringify({ ...(facts === 'model' ? read : found), agrees })}\n`);
