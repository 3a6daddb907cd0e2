import { expect, test } from 'vitest';

import { toldWords } from './told-words.ts';

test('an attempt that was told to end, and runs, says so and why', () => {
  expect(toldWords(null)).toBeNull();
  expect(toldWords({ cause: 'person', level: 'stop', at: 0 })).toMatch(/no further try: it was stopped by a person$/);
  expect(toldWords({ cause: 'stuck', level: 'abort', at: 0 })).toMatch(/^was told to end for its silence/);
  expect(toldWords({ cause: 'stuck', level: 'kill', at: 0 })).toMatch(/^was killed .* and is not gone yet$/);
  expect(toldWords({ cause: 'stuck', level: 'manual', at: 0 })).toContain('quarantined');
});
