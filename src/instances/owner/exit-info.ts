/** How an engine ended, with the last words of its stderr. Reads one file; says nothing about what to do. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import type { ExitInfo } from '../../contract/index.ts';
import type { Ending } from '../../kernel/detached/index.ts';
import { hasCode } from '../../kernel/index.ts';
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
function readTail(path: string, offset: number): string {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    const { size } = fstatSync(handle);
    const begin = offset > size ? 0 : offset;
    const from = Math.max(begin, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - from);
    const text = bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, from)).toString('utf8');
    const firstLine = text.indexOf('\n') + 1;
    return from > begin && firstLine < text.length ? text.slice(firstLine) : text;
  } finally {
    closeSync(handle);
  }
}
