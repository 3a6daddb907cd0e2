// Cuts source files into slices. Usage: slice.mjs PLAN_FOLDER ROOT FOLDERS LIMIT LINES
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const [plan, root, folders, limit, lines] = process.argv.slice(2);
const base = root === '' ? resolve(plan, '../../..') : resolve(root);
const isSource = (name) => /\.(?:ts|js|mjs|py|sh|rs|go|c|h)$/.test(name) && !/\.test\./.test(name);

const files = folders
  .split(',')
  .flatMap((folder) =>
    readdirSync(join(base, folder.trim()), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && isSource(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  )
  .toSorted();

mkdirSync('slices', { recursive: true });
const slices = [];
for (const file of files) {
  const text = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < text.length && slices.length < Number(limit); at += Number(lines)) {
    const part = text.slice(at, at + Number(lines));
    if (part.every((line) => line.trim() === '')) continue;
    const id = String(slices.length + 1).padStart(4, '0');
    const path = `slices/${id}.txt`;
    writeFileSync(path, `${part.join('\n')}\n`);
    slices.push({ id, path, file: relative(base, file), from: at + 1, to: at + part.length });
  }
}
writeFileSync('slices.json', `${JSON.stringify({ slices }, null, 2)}\n`);
