/** The grammar: which commands a text has, wherever they stand, and what is told as not understood. */

import { spawnSync } from 'node:child_process';

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readShell } from './read-shell.ts';
import type { Word } from './tree.ts';

function shown({ parts }: Word): string {
  return parts
    .map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'parameter' ? `$${part.name ?? '?'}` : `<${part.kind}>`,
    )
    .join('');
}

const commandsOf = (text: string): string[] => readShell(text).commands.map(({ words }) => words.map(shown).join(' '));

describe('every simple command is found', () => {
  test.each([
    ['a; b && c || d & e | f\ng', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['(a; (b)) | { c; d; }', ['a', 'b', 'c', 'd']],
    [
      'a $(b $(c)) `d \\`e\\`` "$(f)"',
      ['c', 'b <substitution>', 'e', 'd <substitution>', 'f', 'a <substitution> <substitution> <substitution>'],
    ],
    ['a <(b) > >(c)', ['b', 'c', 'a <process>']],
    ['if a; then b; elif c; then d; else e; fi', ['a', 'b', 'c', 'd', 'e']],
    ['while a; do b; done; until c; do d; done', ['a', 'b', 'c', 'd']],
    ['for x in 1 $(a); do b; done; for ((i=0; i<$(c); i++)); do d; done', ['a', 'b', 'c', 'd']],
    ['case $(a) in x|y) b;; (z) c;& *) d; esac', ['a', 'b', 'c', 'd']],
    ['f() { a; }; function g { b; }; function h() (c)\nf', ['a', 'b', 'c', 'f']],
    ['[[ -f x && $(a) < y ]] && (( $(b) > 1 )) && c', ['a', 'b', 'c']],
    ['! a; time -p b; coproc c', ['a', 'b', 'c']],
    ['x=1 y=$(a) b z=2', ['a', 'b z=2']],
    ['list=(1 $(a) "x y")\nexport p=(1) q=2', ['a', '', 'export']],
    ['cat <<A <<-"B"; a\n$(b)\nA\n\t$(c)\n\tB\nd', ['cat', 'a', 'b', 'd']],
    ['a ${x:-$(b)} "${y:+`c`}" $((1 + $(d)))', ['b', 'c', 'd', 'a $x $? <arithmetic>']],
    ['a \\\n  b # ; c\nd#e', ['a b', 'd#e']],
    ["r\\m \"r\"m r'm' $'\\x72m' r\\\nm", ['rm rm rm rm rm']],
    ['a 2>&1 >x b &>y', ['a b']],
    ['$((a); (b))', ['a', 'b', '<substitution>']],
  ])('%j', (text, expected) => {
    expect(readShell(text).problems).toEqual([]);
    expect(commandsOf(text)).toEqual(expected);
  });
});

describe('what is not understood is told', () => {
  test.each([
    'a "b',
    "a 'b",
    'a $(b',
    'a `b',
    'a ${b',
    'a )',
    'a; ; b',
    'a &&',
    '| a',
    'if a; then b',
    'while a; b; done',
    'for x in a; b',
    'case x in a) b',
    'a (b)',
    'cat <<E\nx',
    'cat <<$E\nx\n$E',
    'a >',
    '{ a',
    '[[ a',
    'f() ',
    'then a',
    'echo @(a|b)',
    'a[$(b)]=1',
    '('.repeat(200),
  ])('%j', (text) => {
    expect(readShell(text).problems).not.toEqual([]);
  });

  test('and the lines behind it are read all the same', () => {
    expect(commandsOf('a (b)\nrm -rf /')).toContain('rm -rf /');
  });
});

describe('what a command reads', () => {
  test('through a pipe, also inside compound commands', () => {
    const { commands } = readShell('curl x | { read a; sh; } && b');

    const inputs = commands.map(({ words, input }) => [words.map(shown).join(' '), input?.length ?? 0]);

    expect(inputs).toEqual([
      ['curl x', 0],
      ['read a', 1],
      ['sh', 1],
      ['b', 0],
    ]);
  });

  test('from a here-document of its own or of the loop around it', () => {
    const { commands } = readShell('while read x; do sh; done <<E\nrm $x\nE\nsh <<< "ls"');

    const redirects = commands.map(({ redirects: all }) =>
      all.map(({ operator, body }) => [operator, body && shown(body)]),
    );

    expect(redirects).toEqual([[['<<', 'rm $x\n']], [['<<', 'rm $x\n']], [['<<<', null]]]);
  });
});

const PIECES = [
  ...'ab;|&<>()${}[]"\'`\\\n #=*!~-',
  ' ',
  '$(',
  '${',
  '<<E\n',
  '\nE\n',
  '&&',
  '||',
  ' if ',
  ' then ',
  ' fi ',
  ' case ',
  ' in ',
  ' esac ',
  ' do ',
  ' done ',
  ' for x in ',
  ' while ',
  '[[ ',
  ' ]]',
  '((',
  '))',
  'f() {',
  '; }',
  "$'",
  'é',
  '\u00a0',
];
const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((parts) => parts.join(''));

test.each(['echo a; }\\\n', '((\\))', ' while  do  done ', 'if a; then fi', 'while a; do\ndone', '{ }'])(
  '%j is refused by bash and here',
  (text) => {
    expect(readShell(text).problems).not.toEqual([]);
  },
);

describe('whatever the text', () => {
  test('it is read without an exception', () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary' })), (text) => {
        expect(readShell(text).commands).toBeInstanceOf(Array);
      }),
      { numRuns: 3_000 },
    );
  });

  test('what bash finds wrong is found wrong here', { timeout: 90_000 }, () => {
    fc.assert(
      fc.property(soup, (text) => {
        // Of conditions only the substitutions are read; a broken line that hides the end of a document makes bash warn.
        fc.pre(!(text.includes('<<') && text.includes('\\\n')));
        fc.pre(!text.includes('[[') && readShell(text).problems.length === 0);
        const { status, stderr } = spawnSync('bash', ['-n'], { encoding: 'utf8', input: text });
        expect(`${status} ${stderr}`).toBe('0 ');
      }),
      { numRuns: 300 },
    );
  });
});
