/** What is said of a name that nothing has. */

import { expect, test } from 'vitest';

import { refusalError } from '../door/refusals.ts';
import { createModelDirectory } from './directory.ts';
import { unknownName } from './targets.ts';

test('a name that is to mean something and means nothing is refused with the reason', () => {
  const reason = 'the setting "brain" cannot be used: there is no device "gpu9"';
  const models = { ...createModelDirectory(), lacking: (name: string) => (name === 'brain' ? reason : null) };

  const [brain, other] = ['brain', 'brian'].map((name) => refusalError(unknownName(name, models)));

  expect(brain).toMatchObject({
    code: 'MODEL_NOT_FOUND',
    message: `there is no model, instance or alias "brain": ${reason}`,
  });
  expect(other?.message).toBe('there is no model, instance or alias "brian"');
});
