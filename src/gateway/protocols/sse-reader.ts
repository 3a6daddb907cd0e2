/** The data of server-sent events out of a byte stream that may be cut anywhere, also within a character. Pure. */

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

export class SseReader {
  #rest: Buffer = NOTHING;

  /** The `data:` of every line that is complete by now. Comments and other fields are dropped. */
  push(bytes: Buffer): readonly string[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(LF) + 1;
    this.#rest = all.subarray(end);
    if (end === 0) return [];
    return all.toString('utf8', 0, end).split('\n').flatMap(dataOf);
  }
}

function dataOf(line: string): readonly string[] {
  if (!line.startsWith('data:')) return [];
  const data = line.slice('data:'.length).trim();
  return data === '' ? [] : [data];
}
