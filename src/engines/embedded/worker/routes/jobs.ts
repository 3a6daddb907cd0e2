/**
 * The worker protocol over the same batch loop: `POST /execute` streams one job's events, `POST /cancel` ends it by its
 * id. Knows its jobs by the caller's ids, and remembers the last finished ones.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Clock } from '../../../../kernel/index.ts';
import { ApiError } from '../api-error.ts';
import type { BatchLoop, Ticket } from '../batching/batch-loop.ts';
import type { Ending, Generation, GenerationSink } from '../batching/generation.ts';
import { readJson, sendJson } from '../http.ts';
import { PacedResponse } from '../reply/paced-response.ts';
import { rounded } from '../reply/replies.ts';
import { readCompletionRequest } from '../request/completion-request.ts';
import type { RequestTools } from '../request/completion-request.ts';
import { asBody, isRecord } from '../request/fields.ts';

const REMEMBERED = 1_000;

interface RunningJob {
  readonly ticket: Ticket;
  readonly stream: PacedResponse;
}

/** What of a loaded engine runs a job. */
interface JobTools extends RequestTools {
  readonly clock: Clock;
  readonly loop: Pick<BatchLoop, 'submit'>;
}

export interface Jobs {
  execute(call: IncomingMessage, response: ServerResponse, engine: JobTools): Promise<void>;
  cancel(call: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createJobs(): Jobs {
  const running = new Map<string, RunningJob>();
  const finished = new Set<string>();
  const finish = (id: string): void => {
    if (!running.delete(id)) return;
    finished.add(id);
    const [oldest] = finished;
    if (finished.size > REMEMBERED && oldest !== undefined) finished.delete(oldest);
  };
  return {
    async execute(call, response, engine) {
      const body = asBody(await readJson(call));
      const id = readJobId(body);
      const { generations } = await readCompletionRequest('job', body, engine);
      const [generation] = generations;
      if (generation === undefined || response.destroyed) return;
      if (running.has(id)) throw new ApiError('conflict_error', `job "${id}" is already running`);
      const stream = new PacedResponse(response, engine.clock);
      const ticket = engine.loop.submit(
        generation,
        jobSink(id, generation, stream, () => finish(id)),
      );
      running.set(id, { ticket, stream });
      finished.delete(id);
      response.once('close', () => finish(id));
      stream.paces([ticket]);
    },
    async cancel(call, response) {
      const id = readJobId(await readJson(call));
      const job = running.get(id);
      if (job === undefined && !finished.has(id)) throw new ApiError('not_found_error', `there is no job "${id}"`);
      job?.ticket.cancel();
      job?.stream.end(
        jobEvent('error', { job_id: id, code: 'cancelled', message: 'the job was cancelled', retriable: false }),
      );
      finish(id);
      sendJson(response, job === undefined ? 200 : 202, { job_id: id, cancelled: job !== undefined });
    },
  };
}

type JobEvent = 'started' | 'token' | 'end' | 'error';

function jobEvent(name: JobEvent, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function readJobId(body: unknown): string {
  const id = isRecord(body) ? body['job_id'] : undefined;
  if (typeof id === 'string' && /^[\x21-\x7e]{1,200}$/.test(id)) return id;
  throw new ApiError('invalid_request_error', '"job_id" must be a text of 1 to 200 visible letters');
}

function jobSink(id: string, { sampling }: Generation, stream: PacedResponse, finish: () => void): GenerationSink {
  let index = 0;
  return {
    begin: (slot) => stream.write(jobEvent('started', { job_id: id, slot, seed: sampling.seed })),
    text: (text) => stream.write(jobEvent('token', { t: text, i: index++ })),
    end(ending) {
      finish();
      stream.end(jobEvent('end', { job_id: id, ...endFields(ending), seed: sampling.seed }));
    },
    fail(error) {
      finish();
      stream.fail(error, () =>
        jobEvent('error', {
          job_id: id,
          code: 'engine_failed',
          message: error instanceof Error ? error.message : String(error),
          retriable: true,
        }),
      );
    },
  };
}

const STOP_REASONS = { eos: 'eos', word: 'stop', limit: 'length' } as const;

function endFields({ kind, promptTokens, timings }: Ending): object {
  return {
    tokens_out: timings.predictedTokens,
    tokens_in: promptTokens,
    tokens_cached: timings.cachedTokens,
    first_token_ms: rounded(timings.promptMs),
    decode_time_ms: rounded(timings.predictedMs),
    stop_reason: STOP_REASONS[kind],
  };
}
