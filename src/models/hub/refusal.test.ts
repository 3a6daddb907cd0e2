import { expect, test } from 'vitest';

import { refusalOf } from './refusal.ts';

const of = (status: number, errorCode: string | null = null) =>
  refusalOf({ status, errorCode, url: 'https://hub.example/org/repo/resolve/main/a.gguf' });

test('a refusal is told from a wait, and a gate from an absence', () => {
  expect([200, 302].map((status) => of(status).kind)).toEqual(['none', 'none']);
  expect([408, 429, 500, 503].map((status) => of(status).kind)).toEqual(['later', 'later', 'later', 'later']);
  expect(of(401, 'GatedRepo')).toMatchObject({ error: { code: 'MODEL_GATED' } });
  expect(of(403)).toMatchObject({ error: { code: 'MODEL_GATED', hint: expect.stringContaining('https://hub.example/org/repo ') as string } }); // prettier-ignore
  expect(of(401, 'RepoNotFound')).toMatchObject({ error: { code: 'MODEL_NOT_FOUND' } });
  expect(of(404, 'RevisionNotFound')).toMatchObject({ error: { message: 'org/repo has no such revision' } });
  expect(of(418)).toMatchObject({ error: { code: 'DOWNLOAD_FAILED' } });
});
