// Stands for whatever it costs to get at one candidate: waits, then writes what is known of it.
// Usage: node fetch.mjs NUMBER SECONDS TARGET_FILE
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const [number, seconds, target] = process.argv.slice(2);
await wait(Number(seconds) * 1000);
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${JSON.stringify({ number: Number(number), digits: number.length })}\n`);
