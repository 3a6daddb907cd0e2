// Writes the list of recordings: ids, titles, how long each takes to transcribe, how much memory that holds.
import { writeFileSync } from 'node:fs';

const [count, seconds, target] = process.argv.slice(2);
const topics = ['pumps', 'valves', 'wiring', 'paint', 'a bridge', 'the harbour', 'a garden', 'an old lathe'];

const videos = Array.from({ length: Number(count) }, (_, index) => ({
  id: `v${String(index + 1).padStart(3, '0')}`,
  title: `Day ${index + 1}: ${topics[index % topics.length]}`,
  // From half to one and a half times the average, the same in every run.
  seconds: Number((Number(seconds) * (0.5 + ((index * 37) % 100) / 100)).toFixed(3)),
  memory_mb: 1600 + ((index * 53) % 7) * 100,
}));

writeFileSync(target, JSON.stringify({ videos }, null, 1));
