// Cuts the Markdown and text files of some folders to passages of about 800 characters, and those to equal parts.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const [sources, root, parts, target] = process.argv.slice(2);
const base = root === '' ? resolve(dirname(fileURLToPath(import.meta.url)), '../../../..') : root;

function filesBelow(folder) {
  if (!existsSync(folder)) {
    console.error(`${folder} is not there; say what to read with --set SOURCES=FOLDER`);
    process.exit(1);
  }
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && ['.md', '.txt'].includes(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function passagesOf(file) {
  const passages = [];
  let current = '';
  for (const paragraph of readFileSync(file, 'utf8').split(/\n\s*\n/)) {
    if (current !== '' && current.length + paragraph.length > 800) passages.push(current);
    current = current === '' || current.length + paragraph.length > 800 ? paragraph : `${current}\n\n${paragraph}`;
  }
  if (current.trim() !== '') passages.push(current);
  const below = relative(base, file);
  const path = below.startsWith('..') ? file : below;
  return passages.map((text, index) => ({ path, passage: index, text: text.trim() }));
}

const passages = sources.split(',').flatMap((source) => filesBelow(resolve(base, source)).flatMap(passagesOf));
if (passages.length === 0) throw new Error(`no texts in ${sources} below ${base}`);
mkdirSync(target, { recursive: true });
const size = Math.ceil(passages.length / Number(parts));
const list = [];
for (let from = 0; from < passages.length; from += size) {
  const id = `part${list.length + 1}`;
  const file = join(target, `${id}.jsonl`);
  const lines = passages.slice(from, from + size).map((passage) => JSON.stringify(passage));
  writeFileSync(file, `${lines.join('\n')}\n`);
  list.push({ id, file, passages: lines.length });
}
writeFileSync(join(target, 'parts.json'), JSON.stringify({ parts: list }, null, 1));
