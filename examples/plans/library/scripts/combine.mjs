/** Joins the manifest, the counts and the sentences to a CSV table and a Markdown report. Usage: combine.mjs MANIFEST DIR */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [manifest = '', folder = ''] = process.argv.slice(2);
const rows = JSON.parse(readFileSync(manifest, 'utf8')).files.map(readRow);
const header = 'file,words,lines,sentence';
const csv = [
  header,
  ...rows.map(({ title, words, lines, sentence }) => [cell(title), words, lines, cell(sentence)].join(',')),
];
writeFileSync(join(folder, 'library.csv'), `${csv.join('\n')}\n`);
writeFileSync(join(folder, 'report.md'), report(rows));
console.log(`${rows.length} rows`);

function readRow({ id, title }) {
  const { words, lines } = JSON.parse(readFileSync(join(folder, 'counts', `${id}.json`), 'utf8'));
  const sentence = readFileSync(join(folder, 'sentences', `${id}.txt`), 'utf8')
    .replace(/\s+/g, ' ')
    .trim();
  return { title, words, lines, sentence };
}

function cell(text) {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function report(list) {
  const words = list.reduce((sum, row) => sum + row.words, 0);
  const longest = list.toSorted((a, b) => b.words - a.words)[0];
  const lines = list.map(
    ({ title, words: count, lines: height, sentence }) =>
      `| ${[title, count, height, sentence].map(plain).join(' | ')} |`,
  );
  return `# Library

${list.length} files, ${words} words. The longest is ${longest.title} (${longest.words} words).

| file | words | lines | in one sentence |
|---|---:|---:|---|
${lines.join('\n')}
`;
}

function plain(value) {
  return String(value).replaceAll('|', '\\|');
}
