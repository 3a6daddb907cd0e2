// Joins the parts to one index and asks it a few questions, so that somebody can see that it works.
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { similarity, vectorOf } from './vectors.mjs';

const [parts, folder, dimensions] = process.argv.slice(2);
const questions = ['how to write a plan', 'memory of a card', 'what happens when the daemon is killed'];
const index = join(folder, 'index.jsonl');

rmSync(index, { force: true });
const rows = [];
for (const { id } of JSON.parse(readFileSync(parts, 'utf8')).parts) {
  const text = readFileSync(join(folder, 'parts', `${id}.jsonl`), 'utf8');
  appendFileSync(index, text);
  rows.push(
    ...text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

const answers = questions.map((question) => {
  const wanted = vectorOf(question, Number(dimensions));
  const nearest = rows
    .map((row) => ({ ...row, near: similarity(wanted, row.vector) }))
    .toSorted((a, b) => b.near - a.near)
    .slice(0, 3);
  const lines = nearest.map(({ path, passage, near }) => `- ${near.toFixed(3)} ${path}, passage ${passage}`);
  return `## ${question}\n\n${lines.join('\n')}`;
});
writeFileSync(join(folder, 'report.md'), `# ${rows.length} passages\n\n${answers.join('\n\n')}\n`);
