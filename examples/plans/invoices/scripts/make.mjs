// Makes up invoices from a seed: COUNT of them, BAD of which cannot be right. Usage: make.mjs COUNT BAD SEED
import { mkdirSync, writeFileSync } from 'node:fs';

const [count = 0, bad = 0, seed = 0] = process.argv.slice(2).map(Number);
const VENDORS = ['Acme Tools', 'Birch & Sons', 'Cobalt Freight', 'Delta Paper', 'Elm Street Coffee'];
const WARES = ['bolts', 'copy paper', 'espresso beans', 'pallets', 'toner', 'gloves'];
const FAULTS = ['no number', 'no total', 'wrong sum', 'no lines'];

let state = seed >>> 0 || 1;
/** A whole number below `below`; xorshift, so that a seed is all it needs. */
function draw(below) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const money = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

function invoice(index, fault) {
  const lines = Array.from({ length: 1 + draw(4) }, () => ({
    ware: WARES[draw(WARES.length)],
    quantity: 1 + draw(9),
    price: 100 + draw(9_900),
  }));
  const total = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const date = `2026-${String(1 + draw(12)).padStart(2, '0')}-${String(1 + draw(28)).padStart(2, '0')}`;
  const rows = lines.map(({ ware, quantity, price }) => `  ${quantity} x ${ware} at ${money(price)}`);
  return [
    VENDORS[draw(VENDORS.length)],
    '',
    fault === 'no number' ? 'Invoice' : `Invoice ${1_000 + index}`,
    `Date: ${date}`,
    '',
    ...(fault === 'no lines' ? [] : rows),
    '',
    fault === 'no total' ? 'Thank you!' : `Total: ${money(fault === 'wrong sum' ? total + 100 : total)}`,
    '',
  ].join('\n');
}

const wrong = new Set();
while (wrong.size < Math.min(bad, count)) wrong.add(draw(count));
mkdirSync('invoices', { recursive: true });
const invoices = Array.from({ length: count }, (_, index) => {
  const id = String(index + 1).padStart(4, '0');
  const path = `invoices/${id}.txt`;
  writeFileSync(path, invoice(index, wrong.has(index) ? FAULTS[index % FAULTS.length] : null));
  return { id, path };
});
writeFileSync('invoices.json', `${JSON.stringify({ invoices }, null, 2)}\n`);
