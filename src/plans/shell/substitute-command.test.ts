/** Substitution against the real bash: whatever the value, the command receives exactly that one argument. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { substituteCommand } from './substitute-command.ts';

const NASTY = [
  ' ',
  '  ',
  "'",
  '"',
  ';',
  '$(touch pwned)',
  '`touch pwned`',
  '\n',
  '\\',
  '\\\n',
  '!',
  '!!',
  '*',
  '?',
  '[a-z]',
  'žluťoučký',
  '日本',
  '👩‍🚀',
  '-',
  '--',
  '-n',
  '$HOME',
  '${HOME}',
  '$',
  '|',
  '&',
  '&&',
  '>',
  '<',
  'EOF',
  '\nEOF\n',
  '\nEOF\ntouch pwned\n',
  '\tx',
  '\t\tEOF',
  '#',
  '(',
  ')',
  '{',
  '}',
  '{DIR}',
  '{ITEM}',
  '\\{NF}',
  '=',
  'A=1',
  '~',
  '^',
  '%s',
  '\r',
  '\x1b[31m',
  "'; touch pwned; '",
  '"; touch pwned; "',
  "'$(touch pwned)'",
  'a b',
  'if',
  'x',
];
/** NUL cannot be an argument at all; bash itself garbles the other two in list=("…"). */
const GARBLED = ['\0', '\x01', '\x7f'];
const nastyText = fc
  .array(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NASTY) }, fc.string({ unit: 'grapheme', maxLength: 5 })), {
    maxLength: 8,
  })
  .map((parts) => GARBLED.reduce((text, character) => text.replaceAll(character, ''), parts.join('')));

/** Each line is a place for a value; `show` prints its arguments, `take` its input. */
const COMMAND = String.raw`
show {V}
show "{V}"
show '{V}'
show $'{V}'
show pre{V}post
show --opt={V} "a{V}b"'c{V}d'
show "$(printf '%s.' {V})"
show "$(printf '%s.' "{V}")" # {V} in a comment
show $(case x in (y) ;; x) printf x;; esac) {V}
name={V}; show "$name"
list=({V} "{V}"); show "${'$'}{list[@]}"
if [[ {V} == "{V}" ]]; then show same; fi
take <<EOF
{V}|{V}
EOF
take <<-EOF
	{V}
	EOF
take <<< {V}
`;

function expected(v: string): string[] {
  const single = [v, v, v, v, `pre${v}post`].flatMap((argument) => ['1', argument]);
  const nested = ['2', `--opt=${v}`, `a${v}bc${v}d`, '1', `${v}.`, '1', `${v}.`, '2', 'x', v];
  const assigned = ['1', v, '2', v, v, '1', 'same'];
  return [...single, ...nested, ...assigned, `${v}|${v}\n`, `${v}\n`, `${v}\n`];
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-quote-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const PRELUDE = String.raw`show() { printf '%s\0' "$#" "$@"; }; take() { cat; printf '\0'; }`;

function runBash(command: string): { readonly fields: readonly string[]; readonly stderr: string } {
  const result = spawnSync('bash', ['-c', `${PRELUDE}\n${command}`], { cwd: folder, encoding: 'utf8', input: '' });
  return { fields: result.stdout.split('\0').slice(0, -1), stderr: result.stderr };
}

function substitute(command: string, v: string): string {
  const builtins = { batchId: 'b', planPath: '/p', batchPath: '/b' };
  return substituteCommand(command, { builtins, variables: { V: v } });
}

describe('a value in a command', () => {
  test('is exactly one inert argument wherever bash quotes it', { timeout: 90_000 }, () => {
    fc.assert(
      fc.property(nastyText, (v) => {
        const { fields, stderr } = runBash(substitute(COMMAND, v));

        expect(fields).toEqual(expected(v));
        expect(stderr).toBe('');
        expect(readdirSync(folder)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('in an arithmetic place must be a number', () => {
    const command = 'show $(( {V} + 1 )) ; [[ {V} -eq 7 ]] && show seven';

    expect(runBash(substitute(command, '7')).fields).toEqual(['1', '8', '1', 'seven']);
    expect(() => substitute(command, 'a[$(touch pwned)]')).toThrow('is evaluated as a number');
  });

  test('leaves what belongs to the shell, to awk and to JSON alone', () => {
    const command = String.raw`echo "${'$'}{HOME}" $(date) | awk '{print \{NF}}' ; echo '{"A": {"B": 1}}' {a,b}`;

    expect(substitute(command, 'x')).toBe(command.replace(String.raw`\{NF}`, '{NF}'));
  });

  test('is spliced verbatim when raw is asked for', () => {
    expect(substitute("bash -c 'echo {raw:V}'", 'a; b')).toBe("bash -c 'echo a; b'");
  });
});
