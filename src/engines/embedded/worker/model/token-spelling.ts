/** The bytes behind a token that is no whole text: vocabularies spell those in three ways of their own. Pure. */

const REPLACEMENT = '\uFFFD';

/** `text` is the token as text; `spelling` is asked only when that lost bytes. */
export function spelledBytes(text: string, spelling: () => string): Uint8Array {
  if (!text.includes(REPLACEMENT)) return Buffer.from(text);
  const spelled = spelling();
  const byte = /^<0x([0-9A-F]{2})>$/.exec(spelled)?.[1];
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
  if (/^(?:\\x[0-9a-f]{2}|[^\\])+$/.test(spelled) && spelled.includes('\\x')) return unescapedBytes(spelled);
  const bytes = [...spelled].map((letter) => BYTE_OF_LETTER.get(letter));
  return bytes.every((each) => each !== undefined) ? Uint8Array.from(bytes) : Buffer.from(text);
}

/** `a\xc3`: bytes that are no letter are escaped. */
function unescapedBytes(spelled: string): Uint8Array {
  const parts = spelled.match(/\\x[0-9a-f]{2}|[^\\]+/g) ?? [];
  return Buffer.concat(
    parts.map((part) => (part.startsWith('\\') ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part))),
  );
}

/** Byte-pair vocabularies write each byte as a visible letter: itself where it has one, else one from 256 on. */
const BYTE_OF_LETTER: ReadonlyMap<string, number> = new Map(lettersOfBytes());

function lettersOfBytes(): readonly (readonly [string, number])[] {
  const isVisible = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return Array.from({ length: 0x100 }, (_, byte) => [String.fromCodePoint(isVisible(byte) ? byte : next++), byte]);
}
