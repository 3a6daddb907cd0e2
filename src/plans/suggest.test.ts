import { expect, test } from 'vitest';

import { didYouMean } from './suggest.ts';

test('the nearest name is meant, unless all of what was written would have to change', () => {
  expect(didYouMean('lst', ['list', 'count'], 'name a task')).toEqual({ help: 'did you mean "list"?' });
  expect(didYouMean('on', ['none', 'inputs'], 'write one of none, inputs')).toEqual({
    help: 'write one of none, inputs',
  });
});
