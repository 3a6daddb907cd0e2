/** The data of server-sent events out of a byte stream that may be cut anywhere, also within a character. Pure. */

const LF = 0x0a;
/** A chunk of an answer is a few hundred bytes. */
const LONGEST_LINE = 8 * 1024 * 1024;

export class SseReader {
  /** Of the line that has not ended yet; put together once, when it has. */
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** The `data:` of every line that is complete by now. Comments and other fields are dropped. Throws at an endless line. */
  push(bytes: Buffer): readonly string[] {
    const end = bytes.lastIndexOf(LF) + 1;
    const lines = end === 0 ? [] : this.#takeLines(bytes.subarray(0, end));
    this.#keep(bytes.subarray(end));
    return lines;
  }

  #takeLines(ending: Buffer): readonly string[] {
    const all = this.#restBytes === 0 ? ending : Buffer.concat([...this.#rest, ending]);
    this.#rest = [];
    this.#restBytes = 0;
    return all.toString('utf8').split('\n').flatMap(dataOf);
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes > LONGEST_LINE) throw new Error(`a line of its stream is longer than ${LONGEST_LINE} bytes`);
  }
}

function dataOf(line: string): readonly string[] {
  if (!line.startsWith('data:')) return [];
  const data = line.slice('data:'.length).trim();
  return data === '' ? [] : [data];
}
