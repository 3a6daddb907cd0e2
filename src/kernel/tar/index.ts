/** Folders as streams of bytes, and back. */

export { packFolder } from './pack.ts';
export { unpackInto } from './unpack.ts';
export type { Unpacked, UnpackLimits } from './unpack.ts';
