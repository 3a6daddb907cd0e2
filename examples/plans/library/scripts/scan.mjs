/**
 * Finds text files and writes the manifest that the other steps go through.
 * Usage: scan.mjs SOURCES ROOT LIMIT OUT; SOURCES is a comma list, an empty ROOT means the checkout.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAX_BYTES = 200_000;
const EXCERPT_LENGTH = 240;
const CHECKOUT = fileURLToPath(new URL('../../../../', import.meta.url));

const [sources = '', givenRoot = '', limitText = '', out = ''] = process.argv.slice(2);
const root = resolve(givenRoot === '' ? CHECKOUT : givenRoot);
const limit = Number(limitText);

const paths = takeFiles();
if (paths.length === 0) fail(`no text files in ${sources} below ${root}`);
mkdirSync('output/counts', { recursive: true });
mkdirSync('output/sentences', { recursive: true });
writeFileSync(out, `${JSON.stringify({ root, files: paths.map(describe) }, null, 2)}\n`);
console.log(`${paths.length} files`);

function takeFiles() {
  const found = new Set();
  for (const source of sources
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')) {
    for (const path of textFiles(resolve(root, source))) {
      if (found.size >= limit) return [...found];
      found.add(path);
    }
  }
  return [...found];
}

/** A file named outright is taken as it is; a folder gives its text files, in the order of their names. */
function* textFiles(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    fail(`${path} is not there; say what to read with --set SOURCES=FOLDER, or where it lies with --set ROOT=FOLDER`);
  if (stats.isDirectory()) yield* below(path);
  else yield path;
}

function* below(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) yield* below(path);
    else if (entry.isFile() && isText(path) && statSync(path).size <= MAX_BYTES) yield path;
  }
}

/** Of installed packages only the licences: there are thousands of other pages. */
function isText(path) {
  const licence = /^(LICEN[CS]E|COPYING|NOTICE)(\.(md|txt))?$/i.test(basename(path));
  return licence || (/\.(md|txt)$/i.test(path) && !path.includes('node_modules'));
}

/** Below the root as one sees it from there; what lies elsewhere keeps its whole path. */
function titleOf(path) {
  const title = relative(root, path);
  return title.startsWith('..') ? path : title;
}

/** The id becomes part of file names, so it is one plain path segment; the number keeps it unique. */
function describe(path, index) {
  const title = titleOf(path);
  const slug = title
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^[-.]+/, '')
    .slice(-60);
  const excerpt = readFileSync(path, 'utf8').replace(/\s+/g, ' ').trim().slice(0, EXCERPT_LENGTH);
  return { id: `${String(index + 1).padStart(3, '0')}-${slug}`, path, title, excerpt };
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
