import { expect, test } from 'vitest';

import type { EngineCall } from '../call.ts';
import { withProgress } from './prompt-progress.ts';

const call = (fields: object, path = '/v1/chat/completions'): EngineCall => ({
  path,
  contentType: 'application/json',
  body: Buffer.from(` ${JSON.stringify(fields)}`),
  streamEnd: 'data: [DONE]',
  telling: null,
});
const asked = (of: EngineCall): unknown => JSON.parse(of.body.toString());

test('llama-server is asked how far it is with a prompt, and what it tells of that is taken out', () => {
  const { beforeContent, ...made } = withProgress(call({ model: 'demo', stream: true }));

  const told = 'data: {"choices":[],"prompt_progress":{"total":9}}\n\n';
  const role = 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n';
  const word = 'data: {"choices":[{"delta":{"content":"\u5b57 \\"prompt_progress\\":{"}}]}\n\n';

  expect(asked(made)).toEqual({ return_progress: true, model: 'demo', stream: true });
  expect(beforeContent?.(Buffer.from(told)).toString()).toBe('');
  expect(beforeContent?.(Buffer.from(told + role + told + word)).toString()).toBe(role + word);
});

test('not where nothing is told of it, nor where the client asks himself', () => {
  const calls = [call({ model: 'demo' }, '/v1/embeddings'), call({ model: 'demo', return_progress: false })];

  expect(calls.map(withProgress)).toEqual(calls);
});
