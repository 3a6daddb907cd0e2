/** What Ollama's clients do with the catalogue: pull a model, and delete one. Lists and answers are the front door's. */

import { z } from 'zod';

import { AppError } from '../../contract/index.ts';
import type { ApiDeps } from '../deps.ts';
import { idOfName, toReference } from '../ollama-names.ts';
import { watchPull } from '../ollama-pull.ts';
import type { PullLine } from '../ollama-pull.ts';
import { defineRoute } from '../route.ts';
import { sendText } from '../text-stream.ts';

const NDJSON = { 'content-type': 'application/x-ndjson', 'cache-control': 'no-cache, no-transform' };

/** Older clients say `name`. Fields that mean nothing here are let through. */
const named = z
  .looseObject({
    model: z.string().min(1).max(1_000).optional().describe('An id, hf.co/ORG/REPO[:QUANTISATION], or a short name.'),
    name: z.string().min(1).max(1_000).optional().describe('The same, from older clients.'),
    stream: z.boolean().optional().describe('False: one value at the end.'),
  })
  .refine(({ model, name }) => model !== undefined || name !== undefined, { path: ['model'], message: 'is missing' });

export const ollamaRoutes = [
  defineRoute({
    method: 'POST',
    path: '/api/pull',
    tag: 'models',
    summary: "Download a model, for Ollama's clients",
    description: 'It goes on without its caller. One JSON value per line: how far it is, then `success` or `error`.',
    scope: 'manage',
    body: named,
    answers: { 200: { about: 'Values as they come', media: ['application/x-ndjson'] } },
    errors: ['OFFLINE', 'MODEL_EXISTS', 'MODEL_NOT_FOUND', 'MODEL_GATED', 'DOWNLOAD_FAILED'],
    async handle({ body, reply }, deps) {
      const id = await pull(nameIn(body), deps);
      if (body.stream === false) return reply.send(await lastLine(id, deps));
      return sendText(reply, (signal) => lines(id, deps, signal), { headers: NDJSON });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/delete',
    tag: 'models',
    summary: "Take a model out of the catalogue, for Ollama's clients",
    scope: 'manage',
    body: named,
    answers: { 200: { about: 'It is gone', schema: z.object({}) } },
    errors: ['MODEL_NOT_FOUND', 'MODEL_BUSY'],
    async handle({ body }, { models, modelFiles }) {
      await modelFiles.remove(idOfName(nameIn(body), models));
      return {};
    },
  }),
];

function nameIn({ model, name }: z.output<typeof named>): string {
  return model ?? name ?? '';
}

/** The id of what comes, or is there. */
async function pull(name: string, deps: ApiDeps): Promise<string> {
  const known = idOfName(name, deps.models);
  if (deps.models.all().get(known)?.state === 'ready') return known;
  return (await deps.modelDownloads.pull({ reference: toReference(name) })).model.id;
}

async function* lines(id: string, deps: ApiDeps, signal: AbortSignal): AsyncGenerator<string> {
  for await (const line of watchPull(id, deps, signal)) yield `${JSON.stringify(line)}\n`;
}

async function lastLine(id: string, deps: ApiDeps): Promise<PullLine> {
  await deps.modelDownloads.settled(id);
  const { state, reason } = deps.models.record(id);
  if (state === 'ready') return { status: 'success' };
  throw new AppError('DOWNLOAD_FAILED', reason ?? 'it did not come');
}
