/** How an engine ended, with the last words of its stderr. Reads one file; says nothing about what to do. */

import type { ExitInfo } from '../../contract/index.ts';
import type { Ending } from '../../kernel/detached/index.ts';
import { readFileEnd } from '../../kernel/index.ts';
import { logFiles } from '../logs/log-files.ts';

const TAIL_BYTES = 2_048;

/** `offset` is where the launch began in the file of stderr. */
export function exitInfo(
  ending: Ending,
  where: { readonly home: string; readonly name: string; readonly offset: number },
): ExitInfo {
  return {
    code: ending.kind === 'exited' ? ending.code : null,
    signal: ending.kind === 'signalled' ? ending.signal : null,
    at: ending.at,
    tail: readTail(logFiles(where.home, where.name).stderr, where.offset),
  };
}

/** Whole lines as far as they fit; the file may have been cut off at its head since. */
function readTail(path: string, from: number): string {
  const { text, isCut } = readFileEnd(path, { maxBytes: TAIL_BYTES, from });
  const firstLine = text.indexOf('\n') + 1;
  return isCut && firstLine < text.length ? text.slice(firstLine) : text;
}
