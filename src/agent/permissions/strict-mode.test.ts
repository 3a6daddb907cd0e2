/** What strict mode demands of a command. */

import { describe, expect, test } from 'vitest';

import { HERE, policy, STRICT } from '../../../test/support/judging.ts';
import { judge } from './judge.ts';

test('in strict mode what tee and the like write must lie in the batch folder, /tmp or files.write', () => {
  const mine = policy({ ...STRICT, files: { read: [], write: ['/srv/shared'] } });

  expect(judge('cat x | tee /srv/shared/y', mine, HERE).kind).toBe('allowed');
  expect(judge('cp x /batch', mine, HERE).kind).toBe('allowed');
  expect(judge('cp x /srv/other/y', mine, HERE)).toMatchObject({ rule: 'strict mode: it writes to /srv/other/y' });
});

describe('strict mode', () => {
  test.each([
    'wc -l x > out.txt',
    'cat a | wc -l && echo done > /dev/null',
    'for f in a b; do wc "$f"; done',
    'timeout 5 nice -n 3 python3 scripts/a.py --x "$Y"',
    'count() { wc -l "$1"; }; count a',
    'x=$(cat a); [[ -n $x ]] && cat b',
    'bash -c "wc a"',
    'cat a > /batch/out && cat b > /tmp/b 2>&1',
    'cd sub && cat ../a > b',
  ])('allows %j', (text) => {
    expect(judge(text, STRICT, { ...HERE, environment: null }).kind).toBe(
      text.startsWith('bash') ? 'denied' : 'allowed',
    );
  });

  test.each([
    'ls',
    'wc x; ls',
    './wc x',
    '/opt/wc x',
    '$X a',
    'wc $(ls)',
    'python3 -c "x"',
    'python3 other/a.py',
    'cat x | sh',
    'sh -c "$X"',
    'eval "$X"',
    'PATH=. wc x',
    'export LD_PRELOAD=x; wc y',
    'env PATH=. wc x',
    'cat x > /srv/y',
    'cat x > ../y',
    'cat x > $Y',
    'wc (x)',
    'wc "x',
    'wc x @(a|b)',
    'cat <<E\nx',
    'wc(){ ls; }; unset -f wc; wc x',
    'f() { cat x; }; unset -f f; f',
    'sudo wc x',
    'timeout --odd 5 wc x',
    'wc <(ls)',
    'cat x | tee /srv/y',
    'cat x | tee "$Y"',
    'cp x /srv/y',
    'dd if=x of=/srv/y',
    'cd /srv && cat x > y',
    'cd "$(mktemp -d)" && cat x > y',
    'cd && cat x > y',
  ])('refuses %j', (text) => {
    expect(judge(text, STRICT, HERE).kind).toBe('denied');
  });
});
