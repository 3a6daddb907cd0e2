/** Folders as streams of bytes, and back. */

export { packFolder } from './pack.ts';
export { unpackInto } from './unpack.ts';
export type { UnpackLimits } from './unpack.ts';
