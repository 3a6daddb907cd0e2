/** When a command is launched as its own program, and when bash is asked. */

import { expect, test } from 'vitest';

import { attemptFiles } from './attempt-folder.ts';
import { launchLine } from './launch-line.ts';
import type { Enclose } from '../terms/terms.ts';

const inBox: Enclose = (program) => ['box', ...program];

function lineOf(command: string, enclose: Enclose | null = null) {
  const files = attemptFiles('/batch/logs/one/1');
  return launchLine({ command, cwd: '/' }, { PATH: '/usr/bin:/bin' }, { files, bash: '/bin/bash', enclose });
}

test('a plain command is its own program, whose output goes where it says', () => {
  const redirections = [{ operator: '>', target: 'out' }];
  expect(lineOf('ls -l / > out')).toEqual({ file: 'ls', args: ['-l', '/'], builtin: false, redirections });
  expect(lineOf('echo done')).toEqual({ file: 'echo', args: ['done'], builtin: true, redirections: [] });
});

test('what only bash understands goes to bash, and so does a program that is not there', () => {
  expect(lineOf('ls | wc -l')).toEqual({ file: '/bin/bash', args: ['-c', 'ls | wc -l'] });
  expect(lineOf('no-such-program')).toEqual({ file: '/bin/bash', args: ['-c', 'no-such-program'] });
});

test('a file that an enclosed command writes is opened within', () => {
  expect(lineOf('ls -l /', inBox)).toEqual({ file: 'box', args: ['ls', '-l', '/'] });
  expect(lineOf('ls -l / > out', inBox)).toEqual({ file: 'box', args: ['/bin/bash', '-c', 'ls -l / > out'] });
});
