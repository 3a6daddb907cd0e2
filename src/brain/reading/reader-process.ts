/**
 * Reads large plans in a process of their own, so that neither the memory nor the turns of the controller bear them:
 * see docs/decisions/012. Small plans are read here, since such a process costs more than they do.
 */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { execa } from 'execa';

import { AppError } from '../../contract/index.ts';
import type { LintContext } from '../../plans/index.ts';
import { PlanLines } from './plan-text.ts';
import { readPlan } from './read-plan.ts';
import type { PlanReader, ReadingAnswer, ReadingOnTheWay, ReadingRequest } from './read-plan.ts';

/** Bytes of plan.md: about 2,000 tasks, which take a tenth of a second. */
const LARGE_BYTES = 256 * 1024;

/**
 * Nearly all that a reading makes stays until its end: a small young generation would copy it twice, and an old one that
 * grows bit by bit would be searched for garbage again and again. MB.
 */
const MEMORY = ['--min-semi-space-size=64', '--max-semi-space-size=64', '--initial-old-space-size=1024'];

/**
 * `program` is `daemon/plan-reader.js`. A reader dies with the controller, or when it is told to. `hostWords`, made anew for
 * each plan, is asked about the commands of small plans alone: of a large one that would take longer than the reading.
 */
export function createPlanReader(program: string, hostWords?: () => LintContext['host']): PlanReader {
  return async (request) =>
    (await isLarge(request.folder)) ? readApart(program, request) : readPlan(request, { host: hostWords?.() });
}

async function isLarge(folder: string): Promise<boolean> {
  const found = await stat(join(folder, 'plan.md')).catch(() => null);
  return found !== null && found.size > LARGE_BYTES;
}

async function readApart(program: string, request: ReadingRequest): Promise<ReadingAnswer> {
  const input = JSON.stringify(request);
  try {
    const options = { input, extendEnv: false, env: {}, buffer: { stdout: false } } as const;
    return await listen(execa(process.execPath, [...MEMORY, program], options));
  } catch (cause) {
    throw new AppError('INTERNAL', `the plan in ${request.folder} could not be read: its reader died`, {
      cause,
      hint: 'there may be too little memory for a plan of its size; the log of the controller has its last words',
      detail: { folder: request.folder },
    });
  }
}

/** Plan and reading are taken as they are told: the controller reads a line of the plan while the reader makes the next. */
async function listen(told: AsyncIterable<string>): Promise<ReadingAnswer> {
  const plan = new PlanLines();
  let last: string | undefined;
  for await (const line of told) {
    if (last !== undefined) plan.take(last);
    last = line;
    await new Promise((nextTurn) => setImmediate(nextTurn));
  }
  const answer = JSON.parse(last ?? '') as ReadingOnTheWay;
  return answer.kind === 'compiled' ? { ...answer, plan: plan.plan() } : answer;
}
