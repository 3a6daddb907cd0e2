import { expect, test } from 'vitest';

import { AppError } from '../../../contract/errors.ts';
import type { CliContext } from '../../context.ts';
import { forEachInstance } from './instance-names.ts';

test('an interrupt ends a command for instances as an interrupt, not as the failure of one of them', async () => {
  const interrupted = new AbortController();
  const context = { signal: interrupted.signal } as CliContext; // it reads nothing else
  const until = (): Promise<void> =>
    new Promise((_, reject) => interrupted.signal.addEventListener('abort', () => reject(interrupted.signal.reason)));

  const ended = forEachInstance(context, ['one', 'two'], until);
  const reason = new AppError('ABORTED', 'interrupted');
  interrupted.abort(reason);

  await expect(ended).rejects.toBe(reason);
});
