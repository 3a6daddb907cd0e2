/** `drover daemon logs`: the log of the controller, or of the agent, on this machine. */

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

import type { CliContext } from '../context.ts';

export interface DaemonLogFlags {
  readonly follow: boolean;
  readonly agent: boolean;
  readonly tail?: number;
}

const LOOK_MS = 200;
const PIECE_BYTES = 65_536;

export async function logs(this: CliContext, flags: DaemonLogFlags): Promise<void> {
  const file = flags.agent ? this.paths.agentLog : this.paths.controllerLog;
  if (!existsSync(file)) return this.err.line(`there is no log yet at ${file}`);
  const handle = openSync(file, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    let offset = flags.tail === undefined ? 0 : offsetOfTail(handle, flags.tail);
    do {
      const piece = readFrom(handle, offset);
      offset += piece.length;
      if (piece.length > 0) await this.out.send(decoder.write(piece));
      else if (flags.follow) await this.clock.sleep(LOOK_MS, this.signal);
      else return;
    } while (!this.signal.aborted);
  } finally {
    closeSync(handle);
  }
}

function readFrom(handle: number, offset: number): Buffer {
  const buffer = Buffer.alloc(PIECE_BYTES);
  return buffer.subarray(0, readSync(handle, buffer, 0, PIECE_BYTES, offset));
}

/** Where the last `lines` lines begin: searched backwards, piece by piece. */
function offsetOfTail(handle: number, lines: number): number {
  let end = fstatSync(handle).size;
  let found = 0;
  while (end > 0) {
    const from = Math.max(0, end - PIECE_BYTES);
    const piece = readFrom(handle, from).subarray(0, end - from);
    for (let at = piece.length - 1; at >= 0; at--) {
      // A line break at the very end of the file closes the last line; `lines` more begin the tail.
      if (piece[at] === 0x0a && found++ === lines) return from + at + 1;
    }
    end = from;
  }
  return 0;
}
