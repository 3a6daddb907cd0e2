import { expect, test } from 'vitest';

import { AppError } from '../../contract/index.ts';
import { wishOf } from './pull-wish.ts';

test('a short name is read as what it stands for; one that is nearly one is told so', () => {
  expect(wishOf({ reference: 'qwen-0.5b' })).toMatchObject({ id: 'qwen-0.5b', tier: 1 });
  expect(refusalOf('qwen-0.5')).toMatchObject({
    code: 'INVALID_REQUEST',
    hint: 'did you mean "qwen-0.5b" or "qwen-1.5b"?',
  });
  expect(refusalOf('nonsense')?.hint).toContain('hf:ORG/REPO');
});

function refusalOf(reference: string): AppError | null {
  try {
    wishOf({ reference });
    return null;
  } catch (error) {
    return error instanceof AppError ? error : null;
  }
}
