/** Which verdicts are kept, and that they are those of the judge. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { judge } from './judge.ts';
import type { Case } from './case.ts';
import { DEFAULT_POLICY } from './policy.ts';
import { createRecurringJudge } from './recurring.ts';

const HERE: Case = {
  cwd: '/batch',
  keep: ['/home/ann'],
  realPath: (path) => path,
  environment: { HOME: '/home/ann', PATH: '/usr/bin' },
  approved: [],
};

/** Texts that were judged, not remembered. */
function openJudge(): { judgeAgain: typeof judge; judged: string[] } {
  const judged: string[] = [];
  const judgeAgain = createRecurringJudge((text, policy, at) => {
    judged.push(text);
    return judge(text, policy, at);
  });
  return { judgeAgain, judged };
}

test('the same plain words are judged once, and anew in another folder or by another policy', () => {
  const { judgeAgain, judged } = openJudge();
  const strict = { ...DEFAULT_POLICY, mode: 'strict' as const };

  judgeAgain('convert a.png b.jpg', DEFAULT_POLICY, HERE);
  judgeAgain('convert a.png b.jpg', DEFAULT_POLICY, { ...HERE, environment: { HOME: '/' } });
  expect(judged.length).toBe(1);

  judgeAgain('convert a.png b.jpg', DEFAULT_POLICY, { ...HERE, cwd: '/other' });
  expect(judgeAgain('convert a.png b.jpg', strict, HERE)).toMatchObject({ kind: 'denied' });
  expect(judged.length).toBe(3);
});

test.each(['rm -rf $HOME/x', 'echo "$X"', 'echo a > b', 'echo ~', 'ls *', './tool a'])(
  '%s is judged each time',
  (text) => {
    const { judgeAgain, judged } = openJudge();

    judgeAgain(text, DEFAULT_POLICY, HERE);
    judgeAgain(text, DEFAULT_POLICY, HERE);

    expect(judged.length).toBe(2);
  },
);

test('what a person has allowed is judged each time', () => {
  const { judgeAgain, judged } = openJudge();
  const approved = { ...HERE, approved: ['git push'] };

  judgeAgain('git push', DEFAULT_POLICY, approved);
  judgeAgain('git push', DEFAULT_POLICY, approved);

  expect(judged.length).toBe(2);
});

test('a verdict that was kept is the one that the judge would give, whatever the environment', () => {
  const word = fc.constantFrom(
    'rm',
    '-rf',
    '/',
    '/home',
    'git',
    'push',
    'sudo',
    'X=1',
    'cd',
    '..',
    'dd',
    'of=/dev/sda',
    'a',
  );
  const { judgeAgain } = openJudge();
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.dictionary(fc.constantFrom('HOME', 'X'), word), (words, env) => {
      const text = words.join(' ');
      judgeAgain(text, DEFAULT_POLICY, HERE);
      const at = { ...HERE, environment: env };
      expect(judgeAgain(text, DEFAULT_POLICY, at)).toEqual(judge(text, DEFAULT_POLICY, at));
    }),
  );
});
