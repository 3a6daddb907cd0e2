/** The 512-byte headers of tar: POSIX ustar, with a pax record before names that do not fit. Pure. */

export const BLOCK = 512;
const NAME_BYTES = 100;

type EntryKind = 'file' | 'folder';

export interface TarEntry {
  readonly kind: EntryKind;
  /** Relative, with `/`. */
  readonly path: string;
  /** 0 for folders. */
  readonly size: number;
  /** Files may be run. */
  readonly executable: boolean;
}

type TarHeader =
  | { readonly kind: 'entry'; readonly entry: TarEntry }
  /** Records for the next entry, of so many bytes. */
  | { readonly kind: 'pax'; readonly size: number }
  | { readonly kind: 'end' }
  /** A link, a device, or no tar at all. */
  | { readonly kind: 'refused'; readonly path: string; readonly why: string };

/** The header, after a pax record where the name is long or not ASCII. */
export function writeHeader(entry: TarEntry): Buffer {
  const name = Buffer.from(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const fits = name.length <= NAME_BYTES && name.every((byte) => byte < 128);
  const mode = entry.kind === 'folder' || entry.executable ? 0o755 : 0o644;
  const type = entry.kind === 'folder' ? '5' : '0';
  const header = block({ name: name.subarray(0, NAME_BYTES), mode, size: entry.size, type });
  if (fits) return header;
  const record = paxRecord('path', name.toString('utf8'));
  const pax = block({ name: Buffer.from('pax'), mode: 0o644, size: record.length, type: 'x' });
  return Buffer.concat([pax, record, Buffer.alloc(paddingOf(record.length)), header]);
}

interface Fields {
  readonly name: Buffer;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
}

function block({ name, mode, size, type }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header);
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\u000000', 257);
  header.write(`${octal(checksumOf(header), 6)}\u0000 `, 148);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** The sum of all bytes, those of the sum itself counted as blanks. */
function checksumOf(header: Buffer): number {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 32 : byte;
  return sum;
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length += 1;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** `path` is what a pax record before it said. */
export function readHeader(header: Buffer, path: string | undefined): TarHeader {
  if (header.every((byte) => byte === 0)) return { kind: 'end' };
  const type = header.toString('latin1', 156, 157);
  const name = path ?? nameOf(header);
  if (checksumOf(header) !== Number.parseInt(textOf(header, 148, 8), 8)) {
    return { kind: 'refused', path: name, why: 'this is no tar' };
  }
  const size = Number.parseInt(textOf(header, 124, 12), 8);
  if (!Number.isSafeInteger(size)) return { kind: 'refused', path: name, why: 'its size cannot be read' };
  if (type === 'x' || type === 'g') return { kind: 'pax', size };
  const executable = (Number.parseInt(textOf(header, 100, 8), 8) & 0o100) !== 0;
  if (type === '0' || type === '\u0000') {
    return { kind: 'entry', entry: { kind: 'file', path: name, size, executable } };
  }
  if (type !== '5') return { kind: 'refused', path: name, why: 'only files and folders may be in it, no links' };
  return { kind: 'entry', entry: { kind: 'folder', path: name.replace(/\/+$/, ''), size: 0, executable: true } };
}

function nameOf(header: Buffer): string {
  const prefix = textOf(header, 345, 155);
  const name = textOf(header, 0, NAME_BYTES);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textOf(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end).trim();
}

/** The path in the records of a pax header. */
export function paxPath(records: string): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(`${records}\n`)?.[1];
}
