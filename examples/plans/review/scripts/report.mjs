// Puts remarks that were kept and findings together, by file. Usage: report.mjs SLICES OUTPUT
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const [list, output] = process.argv.slice(2);
const { slices } = JSON.parse(readFileSync(list, 'utf8'));
const text = (path) => readFileSync(path, 'utf8').trim();
const reviewed = slices.map((slice) => ({
  ...slice,
  ...JSON.parse(text(`findings/${slice.id}.json`)),
  verdict: text(`verdicts/${slice.id}.txt`),
  remark: text(`remarks/${slice.id}.txt`).replaceAll(/\s+/g, ' '),
}));

const files = Map.groupBy ? Map.groupBy(reviewed, ({ file }) => file) : groupBy(reviewed);
const kept = reviewed.filter(({ verdict }) => verdict === 'keep').length;
const found = reviewed.reduce((sum, { findings }) => sum + findings.length, 0);
const lines = reviewed.reduce((sum, slice) => sum + slice.lines, 0);
const page = [
  '# Review',
  '',
  `${slices.length} slices of ${files.size} files, ${lines} lines: ${kept} remarks kept, ${found} findings.`,
  ...[...files].flatMap(([file, parts]) => sectionOf(file, parts.flatMap(linesOf))),
];
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `${page.join('\n')}\n`);

/** A file of which nothing is said has none. */
function sectionOf(file, said) {
  return said.length === 0 ? [] : ['', `## ${file}`, '', ...said];
}

function linesOf({ from, to, verdict, remark, findings }) {
  const remarks = verdict === 'keep' ? [`- lines ${from}–${to}: ${remark}`] : [];
  return [...remarks, ...findings.map(({ line, what }) => `- line ${line}: ${what}`)];
}

function groupBy(parts) {
  const groups = new Map();
  for (const part of parts) groups.set(part.file, [...(groups.get(part.file) ?? []), part]);
  return groups;
}
