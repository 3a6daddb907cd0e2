// Joins transcripts and sentences to one page.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [manifest, folder] = process.argv.slice(2);
const { videos } = JSON.parse(readFileSync(manifest, 'utf8'));

const lines = videos.map(({ id, title }) => {
  const sentence = readFileSync(join(folder, 'sentences', `${id}.txt`), 'utf8')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const words = readFileSync(join(folder, 'transcripts', `${id}.txt`), 'utf8')
    .split(/\s+/)
    .filter(Boolean).length;
  return `- **${title}** (${id}, ${words} words): ${sentence}`;
});

writeFileSync(join(folder, 'index.md'), `# ${videos.length} recordings\n\n${lines.join('\n')}\n`);
