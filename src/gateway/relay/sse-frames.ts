/** Server-sent events as bytes: where frames end, and whether frames say anything yet. Pure; the bytes are never changed. */

/** A frame larger than this is passed on in pieces. */
const LARGEST_HELD_FRAME = 64 * 1024;
const LF = 0x0a;
const CR = 0x0d;
const NOTHING: Buffer = Buffer.alloc(0);
/** As servers end theirs. Buffers, because looking for a text converts it each time. */
const FRAME_ENDS: readonly Buffer[] = [Buffer.from('\n\n'), Buffer.from('\n\r\n')];

/**
 * Cuts a byte stream after its last complete frame, so that a stream which breaks off never ends within a frame and no
 * character is split. What it gave out, joined, is what it took in.
 */
export class FrameAligner {
  #rest: Buffer = NOTHING;

  /** The complete frames so far; null when there is none yet. */
  push(bytes: Buffer): Buffer | null {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = endsFrame(all, all.length) ? all.length : lastFrameEnd(all);
    if (end === 0 && all.length < LARGEST_HELD_FRAME) {
      this.#rest = all;
      return null;
    }
    const isWhole = end === 0 || end === all.length;
    this.#rest = isWhole ? NOTHING : all.subarray(end);
    return isWhole ? all : all.subarray(0, end);
  }

  /** What is left when the stream is over. */
  takeRest(): Buffer {
    const rest = this.#rest;
    this.#rest = NOTHING;
    return rest;
  }
}

/** A frame ends with an empty line. */
function endsFrame(bytes: Buffer, end: number): boolean {
  if (end < 2 || bytes[end - 1] !== LF) return false;
  return bytes[end - 2] === LF || (bytes[end - 2] === CR && bytes[end - 3] === LF);
}

function lastFrameEnd(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(LF); at > 0; at = bytes.lastIndexOf(LF, at - 1)) {
    if (endsFrame(bytes, at + 1)) return at + 1;
  }
  return 0;
}

/** How many frames end in these bytes. */
export function countFrames(frames: Buffer): number {
  let count = 0;
  for (const end of FRAME_ENDS) {
    for (let at = frames.indexOf(end); at !== -1; at = frames.indexOf(end, at + end.length)) count++;
  }
  return count;
}

/** False while there are only comments and chunks that name a role and nothing else. */
export function hasContent(frames: Buffer): boolean {
  return frames.toString('utf8').split(/\r?\n/).some(lineHasContent);
}

function lineHasContent(line: string): boolean {
  if (line === '' || line.startsWith(':')) return false;
  if (!line.startsWith('data:')) return !/^(event|id|retry):/.test(line);
  return !isPrelude(line.slice('data:'.length));
}

/** What a stream begins with before the model has said anything. What cannot be read counts as content. */
function isPrelude(data: string): boolean {
  try {
    const chunk = JSON.parse(data) as Chunk | null; // an engine's chunk; every field is looked at before it is used
    return Array.isArray(chunk?.choices) && chunk.choices.length > 0 && chunk.choices.every(isEmptyChoice);
  } catch {
    return false;
  }
}

interface Chunk {
  readonly choices?: readonly Choice[];
}

interface Choice {
  readonly delta?: Readonly<Record<string, unknown>>;
  readonly finish_reason?: unknown;
}

function isEmptyChoice(choice: Choice): boolean {
  if ((choice.finish_reason ?? null) !== null || choice.delta === undefined) return false;
  return Object.entries(choice.delta).every(([name, value]) => name === 'role' || value === null || value === '');
}
