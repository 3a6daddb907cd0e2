/** A real terminal for an end-to-end test: a shell in tmux, typed on and read as a person would. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { isAlive } from './house.ts';
import { until } from './patience.ts';

export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

export const PROMPT = 'at-the-prompt>';

export interface Terminal extends AsyncDisposable {
  /** As tmux names keys: `Enter`, `Escape`, `NPage`; other words are typed. */
  press(...keys: readonly string[]): void;
  /** Types a line into the shell. */
  enter(line: string): void;
  resize(columns: number, rows: number): void;
  /** The lines that are shown; with `styles`, escape sequences and all. */
  lines(options?: { readonly styles: boolean }): string[];
  /** Waits until the screen, joined by line breaks, looks so. */
  shows(pattern: RegExp | string): Promise<string[]>;
  /** One of tmux's words about the terminal, such as `cursor_flag` or `alternate_on`. */
  state(word: string): string;
  /** The program that the shell runs. */
  childPid(): number;
}

export function openTerminal(
  env: NodeJS.ProcessEnv,
  { cwd, columns, rows }: { readonly cwd: string; readonly columns: number; readonly rows: number },
): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'drover-tmux-'));
  const server = ['-S', join(folder, 'socket'), '-f', '/dev/null'];
  const tmux = (...args: readonly string[]): string =>
    execFileSync('tmux', [...server, ...args], {
      cwd,
      env: { ...env, TERM: 'xterm-256color' },
      encoding: 'utf8',
    });

  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh');
  tmux('set-option', '-g', 'status', 'off', ';', 'set-option', '-s', 'escape-time', '0');
  tmux('resize-window', '-x', String(columns), '-y', String(rows));
  const shell = Number(tmux('display-message', '-p', '#{pane_pid}'));

  const enter = (line: string): void => void tmux('send-keys', '-l', `${line}\r`);
  enter(`PS1='${PROMPT} '; clear`);

  const lines: Terminal['lines'] = (options) =>
    tmux('capture-pane', '-p', ...(options?.styles ? ['-e'] : []))
      .split('\n')
      .slice(0, -1);

  return {
    press: (...keys) => void tmux('send-keys', ...keys),
    enter,
    resize: (width, height) => void tmux('resize-window', '-x', String(width), '-y', String(height)),
    lines,
    async shows(pattern) {
      const matches = (shown: string[]): boolean =>
        typeof pattern === 'string' ? shown.join('\n').includes(pattern) : pattern.test(shown.join('\n'));
      return until(lines, matches);
    },
    state: (word) => tmux('display-message', '-p', `#{${word}}`).trim(),
    childPid: () => Number(readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0]),
    async [Symbol.asyncDispose]() {
      tmux('kill-server');
      await until(() => !isAlive(shell));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
