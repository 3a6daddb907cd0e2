/** The first request after a load: what is asked, and what its replies mean. */

import { expect, test } from 'vitest';

import { firstQuestions, readFirstReply, readRefusals } from './first-answer.ts';
import type { FirstReading } from './first-answer.ts';
import type { EngineKind, ProbeReply } from './engine.ts';

const COMPLETION = { path: '/v1/completions', body: {}, answeredIn: 'choices' } as const;

function replied(status: number, body: unknown): ProbeReply {
  return { kind: 'response', status, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function read(reply: ProbeReply): FirstReading {
  return readFirstReply(COMPLETION, reply);
}

function questionsOf(args: readonly string[]): readonly string[] {
  return firstQuestions({ engine: { kind: 'llama-server', args: [] }, args: [...args] }).map(({ path }) => path);
}

function engine(kind: EngineKind) {
  return { engine: { kind, args: [] } };
}

test('a token is asked for first, a vector where the engine was told to serve vectors', () => {
  expect(questionsOf([])).toEqual(['/v1/completions', '/v1/chat/completions', '/v1/embeddings', '/v1/rerank']);
  expect(questionsOf(['--embedding', '--pooling', 'mean'])[0]).toBe('/v1/embeddings');
  expect(questionsOf(['--reranking'])).toContain('/v1/rerank');
});

test('an answer is a list with something in it', () => {
  expect(read(replied(200, { choices: [{ text: '' }] }))).toEqual({ kind: 'answered' });
  expect(read(replied(200, { choices: [] }))).toMatchObject({ kind: 'refused', unserved: false });
  expect(read(replied(200, '{"choices": ['))).toMatchObject({ kind: 'refused', unserved: false });
});

test('busy and lost connections are asked again, a refused key and silence are not', () => {
  expect(read(replied(503, ''))).toEqual({ kind: 'not-yet', detail: '/v1/completions: HTTP 503' });
  expect(read(replied(429, { error: 'slow down' }))).toMatchObject({ kind: 'not-yet' });
  expect(read({ kind: 'refused' })).toMatchObject({ kind: 'not-yet' });
  expect(read({ kind: 'failed', message: 'ECONNRESET' })).toMatchObject({ kind: 'not-yet' });
  expect(read(replied(401, ''))).toMatchObject({ kind: 'failed' });
  expect(read({ kind: 'timeout' })).toEqual({ kind: 'silent' });
});

test('a refusal tells its reason, and whether the server serves such a thing at all', () => {
  expect(read(replied(501, { error: { message: 'no completions here' } }))).toEqual({
    kind: 'refused',
    detail: '/v1/completions: HTTP 501: no completions here',
    unserved: true,
  });
  expect(read(replied(500, { error: { message: 'broken' } }))).toMatchObject({ unserved: false });
});

test('a program of another make that refuses every question in words does answer; one that fails does not', () => {
  const unserved = { kind: 'refused', detail: 'HTTP 404', unserved: true } as const;
  const broken = { kind: 'refused', detail: 'HTTP 500', unserved: false } as const;

  expect(readRefusals(engine('command'), [unserved, unserved])).toEqual({ kind: 'answered' });
  expect(readRefusals(engine('remote'), [unserved])).toEqual({ kind: 'answered' });
  expect(readRefusals(engine('remote'), [broken, unserved])).toEqual({ kind: 'failed', detail: 'HTTP 500' });
  expect(readRefusals(engine('llama-server'), [unserved])).toEqual({ kind: 'failed', detail: 'HTTP 404' });
});
