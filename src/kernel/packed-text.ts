/**
 * Long texts that say the same again and again, kept small: what a plan of many tasks is compiled to shrinks to a
 * twentieth. Others stay as they are.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';

const LONG = 256 * 1024;

const MARK = 'deflate:';

/** For texts that never begin with the mark of a packed one, as JSON does not. */
export function packText(text: string): string {
  return text.length < LONG ? text : MARK + deflateRawSync(text, { level: 1 }).toString('base64');
}

/** The text, whether it was long or not. */
export function unpackText(packed: string): string {
  if (!packed.startsWith(MARK)) return packed;
  return inflateRawSync(Buffer.from(packed.slice(MARK.length), 'base64')).toString();
}
