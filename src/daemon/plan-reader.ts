/** The process that reads one large plan: `node plan-reader.js`, the request on its input, the plan and the reading on its output, in lines. */

import { text } from 'node:stream/consumers';

import { readPlan } from '../brain/reading/read-plan.ts';
import type { PlanReading, ReadingOnTheWay, ReadingRequest } from '../brain/reading/read-plan.ts';

// The controller has written it: it is of its own version.
const request = JSON.parse(await text(process.stdin)) as ReadingRequest;
const reading = await readPlan(request, { tell: (line) => void process.stdout.write(`${line}\n`) });
const answer: ReadingOnTheWay = reading.kind === 'compiled' ? withoutPlan(reading) : reading;
process.stdout.write(`${JSON.stringify(answer)}\n`);

function withoutPlan({ kind, compiled, digest, warnings }: PlanReading): ReadingOnTheWay {
  return { kind, compiled, digest, warnings };
}
