import { expect, test } from 'vitest';

import { fingerprintOf } from './fingerprint.ts';
import type { Failure } from './fingerprint.ts';

function failure(change: Partial<Failure> = {}): Failure {
  return {
    step: 'count',
    class: 'definition',
    reason: 'exit code 127',
    tail: 'bash: line 1: /tmp/batch/a.txt: not found',
    itemKey: 'a',
    ...change,
  };
}

test('items that fail alike have one fingerprint', () => {
  const second = failure({ tail: 'bash: line 17: /tmp/batch/other.txt: not found\n', itemKey: 'other' });

  expect(fingerprintOf(second)).toBe(fingerprintOf(failure()));
});

test('an item that is named by a number of the message is no failure of its own', () => {
  const said = '/bin/bash: line 1: prinft: command not found';
  const prints = ['0', '1', '2', null].map((itemKey) => fingerprintOf(failure({ tail: said, itemKey })));

  expect(new Set(prints).size).toBe(1);
});

test.each<Partial<Failure>>([{ step: 'sum' }, { class: 'output' }, { tail: 'something else' }])(
  'a failure with another %o is another one',
  (change) => {
    expect(fingerprintOf(failure(change))).not.toBe(fingerprintOf(failure()));
  },
);

test('without output the reason counts', () => {
  expect(fingerprintOf(failure({ tail: '', reason: 'requires a.txt' }))).not.toBe(fingerprintOf(failure({ tail: '' })));
});
