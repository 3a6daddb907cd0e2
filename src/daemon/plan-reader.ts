/** The process that reads one large plan: `node plan-reader.js`, the request on its input, the reading on its output. */

import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

import { linesOf } from '../brain/reading/in-lines.ts';
import { readPlan } from '../brain/reading/read-plan.ts';
import type { ReadingRequest } from '../brain/reading/read-plan.ts';

// The controller has written it: it is of its own version.
const request = JSON.parse(await text(process.stdin)) as ReadingRequest;
await pipeline(Readable.from(ended(linesOf(await readPlan(request)))), process.stdout);

function* ended(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}
