/** What a llama-server binary says of itself: its version and the flags of its `--help`. Pure parsing. */

import type { EngineFlags, HelpFlag } from '../engine.ts';

/** A line of the help begins with all spellings of a flag; what stands one blank behind them is its value. */
const HEAD = /^((?:-{1,2}[A-Za-z][\w.-]*(?:,\s*|\s|$))+)( *)(\S?)/;
const VARIABLE = /\(env: (\w+)\)/;

export function parseHelp(help: string): readonly HelpFlag[] {
  const found: { names: string[]; takesValue: boolean; env: string | null }[] = [];
  for (const line of help.split('\n')) {
    const [, head = '', blanks = '', next = ''] = HEAD.exec(line) ?? [];
    const names = head.match(/-{1,2}[A-Za-z][\w.-]*/g) ?? [];
    if (names.length > 0) found.push({ names, takesValue: blanks === '' && next !== '', env: null });
    const env = VARIABLE.exec(line)?.[1];
    const last = found.at(-1);
    if (env !== undefined && last !== undefined) last.env ??= env;
  }
  return found;
}

/** The flags by each of their spellings. */
export function flagsByName(flags: readonly HelpFlag[]): EngineFlags {
  return new Map(flags.flatMap((flag) => flag.names.map((name) => [name, flag] as const)));
}

/** `version: 0.4.0-dev (80fb11a)` and older `version: 6123 (abc)`; the first line when neither is there. */
export function parseVersion(output: string): string {
  const match = /^version:\s*(.+)$/m.exec(output);
  return (match?.[1] ?? output.trim().split('\n')[0] ?? '').trim() || 'unknown';
}
