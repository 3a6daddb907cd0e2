import { expect, test } from 'vitest';

import { parseSlots } from './slots.ts';

test('busy slots and their progress are read in the newer shape', () => {
  const body = JSON.stringify([
    { id: 0, n_ctx: 4096, is_processing: false },
    {
      id: 1,
      n_ctx: 4096,
      is_processing: true,
      id_task: 7,
      n_prompt_tokens_processed: 40,
      next_token: [{ n_decoded: 17 }],
    },
  ]);

  expect(parseSlots(body)).toEqual({
    total: 2,
    busy: 1,
    slots: [
      { id: 0, busy: false, contextSize: 4096, taskId: null, promptTokensDone: null, tokensDecoded: null },
      { id: 1, busy: true, contextSize: 4096, taskId: 7, promptTokensDone: 40, tokensDecoded: 17 },
    ],
  });
});

test('the older shape of the next token is read too', () => {
  const body = JSON.stringify([{ id: 0, is_processing: true, next_token: { n_decoded: 3 } }]);

  expect(parseSlots(body)?.slots[0]?.tokensDecoded).toBe(3);
});

test.each(['', 'not json', '{"error":{}}', 'null'])('a body of another shape (%j) is no slots answer', (body) => {
  expect(parseSlots(body)).toBeNull();
});
