/** Which commands need no bash, compared with what bash makes of them. */

import { execFileSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isProgram, plainCommand } from './plain-command.ts';

describe('a command that needs no bash', () => {
  test.each([
    ['true', ['true'], true],
    ["echo one 'two  three' x'y'z", ['echo', 'one', 'two  three', 'xyz'], true],
    [
      "python3 /p/scripts/a.py --id=7 '$(touch x)' ''",
      ['python3', '/p/scripts/a.py', '--id=7', '$(touch x)', ''],
      false,
    ],
    ['  ./run.sh\ta,b@c:d%e+f ', ['./run.sh', 'a,b@c:d%e+f'], false],
  ])('%s', (command, words, builtin) => {
    expect(plainCommand(command)).toEqual({ words, builtin, redirections: [] });
  });

  test.each([
    ['echo x 12 >f', ['echo', 'x', '12'], [['>', 'f']]],
    [
      "run 'a > b' > 'my file' 2>&1",
      ['run', 'a > b'],
      [
        ['>', 'my file'],
        ['2>&', '1'],
      ],
    ],
    [
      'run 1>>out 2> err',
      ['run'],
      [
        ['1>>', 'out'],
        ['2>', 'err'],
      ],
    ],
    ['run 2>x', ['run'], [['2>', 'x']]],
  ])('its output goes to files: %s', (command, words, redirections) => {
    const plain = plainCommand(command);
    expect(plain?.words).toEqual(words);
    expect(plain?.redirections.map(({ operator, target }) => [operator, target])).toEqual(redirections);
  });

  test.each([
    'a; b',
    'a | b',
    'a > $f',
    'a >f b',
    'a 3>f',
    'a b>f',
    'a 12>f',
    'a >&2',
    'a 2>&3',
    'a &>f',
    'a >| f',
    'a < f',
    'a >',
    '>f',
    'a $X',
    'a "b"',
    'a *',
    'a ~',
    'a b\\ c',
    'a {1,2}',
    'a # b',
    '! a',
    'a\nb',
    'X=1 a',
    "a 'b",
    'cd /tmp',
    'exit 3',
    'if',
    '. lib.sh',
    'test -e x',
    'echo -e x',
    String.raw`echo 'a\nb'`,
    '',
    '%1',
    "'true'",
    ': x',
  ])('is not: %s', (command) => {
    expect(plainCommand(command)).toBeNull();
  });

  test('its words are those of bash', () => {
    const piece = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_@%+:,./=-]+$/), fc.stringMatching(/^'[ -&(-~]*'$/));
    const word = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const command = ['list', ...words].join(' ');
        const script = `list() { printf '%s\\0' list "$@"; }\n${command}`;
        const byBash = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
        expect(plainCommand(command)?.words).toEqual(byBash);
      }),
      { numRuns: 30 },
    );
  });
});

test('a program is looked for as bash would', () => {
  expect(isProgram('sh', { cwd: '/', path: '/nowhere:/bin' })).toBe(true);
  expect(isProgram('sh', { cwd: '/', path: '/nowhere' })).toBe(false);
  expect(isProgram('./sh', { cwd: '/bin', path: '' })).toBe(true);
  expect(isProgram('./no-such-program', { cwd: '/bin', path: '/bin' })).toBe(false);
});
