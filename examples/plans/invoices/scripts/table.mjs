// Makes the table of what was checked, and the report of what was not. Usage: table.mjs LIST CHECKED CSV REPORT
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [listPath, checked, csvPath, reportPath] = process.argv.slice(2);
const { invoices } = JSON.parse(readFileSync(listPath, 'utf8'));
const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

const rows = [];
const bad = [];
for (const { id, path } of invoices) {
  const file = `${checked}/${id}.json`;
  if (existsSync(file)) rows.push({ id, ...JSON.parse(readFileSync(file, 'utf8')) });
  else bad.push({ id, path, why: whyOf(id) });
}

/** What its check said last. */
function whyOf(id) {
  for (const attempt of [3, 2, 1]) {
    const stderr = `logs/check_${id}/${attempt}/stderr`;
    if (existsSync(stderr)) return readFileSync(stderr, 'utf8').trim().split('\n').at(-1) || 'its check failed';
  }
  return 'it was not read';
}

mkdirSync(dirname(csvPath), { recursive: true });
const lines = rows.map((row) =>
  [row.id, row.number, row.vendor, row.date, (row.total_cents / 100).toFixed(2), row.agrees ? 'yes' : 'no'].map(cell),
);
writeFileSync(
  csvPath,
  `id,number,vendor,date,total,model_agrees\n${lines.map((line) => `${line.join(',')}\n`).join('')}`,
);

const sum = rows.reduce((total, row) => total + row.total_cents, 0) / 100;
writeFileSync(
  reportPath,
  [
    '# Invoices',
    '',
    `- ${rows.length} of ${invoices.length} are in the table, ${sum.toFixed(2)} together`,
    `- the model read ${rows.filter((row) => row.agrees).length} of them as the rules do`,
    `- ${bad.length} are wrong`,
    '',
    ...bad.map(({ path, why }) => `- ${path}: ${why.replace(`${path}: `, '')}`),
    '',
  ].join('\n'),
);
