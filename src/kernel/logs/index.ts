/** Logs that somebody else writes: kept within bounds, and read while they grow. */

export { LOOK_BEAT_MS } from './changes.ts';
export { noteLength } from './marks.ts';
export { readLogs } from './read-logs.ts';
export { olderPart, partialCopy } from './older-part.ts';
export { rotateLog } from './rotate-log.ts';
export type { RotationLimits } from './rotate-log.ts';
