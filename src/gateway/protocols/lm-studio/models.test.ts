import { expect, test } from 'vitest';

import { startGateway } from '../../../../test/support/gateway-rig.ts';

test("LM Studio's clients see what is loaded, and how long its context is", async () => {
  await using rig = await startGateway([
    { name: 'alpha', port: 9, modelId: 'demo' },
    { name: 'beta', port: 9, state: 'stopped' },
  ]);

  const list = (await (await fetch(`${rig.url}/api/v0/models`)).json()) as { data: readonly object[] };
  const one = await fetch(`${rig.url}/api/v0/models/alpha`);
  const none = await fetch(`${rig.url}/api/v0/models/gamma`);

  expect(list.data).toMatchObject([
    { id: 'alpha', object: 'model', type: 'llm', state: 'loaded', loaded_context_length: 4_096 },
    { id: 'beta', state: 'not-loaded' },
    { id: 'demo', state: 'loaded', max_context_length: 4_096 },
  ]);
  expect(await one.json()).toMatchObject({ id: 'alpha', compatibility_type: 'gguf' });
  expect(none.status).toBe(404);
});

test("Cohere's path of a rerank is known, and told of errors in OpenAI's words", async () => {
  await using rig = await startGateway([{ name: 'alpha', port: 9 }]);

  const answer = await rig.post({ model: 'gamma', query: 'x', documents: ['y'] }, { path: '/v2/rerank' });

  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ error: { code: 'model_not_found' } });
});
