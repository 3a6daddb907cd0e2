/** Engines: the port, its implementations, how they are found, built, installed and probed. */

export * from './engine.ts';
export * from './engine-folder.ts';
export * from './engines.ts';
export * from './first-answer.ts';
export * from './list-engines.ts';
export * from './probe.ts';
export { installEmbeddedBackend } from './embedded/library.ts';
export { findLlamaServer } from './llama-server/locate.ts';
export { parseSlots } from './llama-server/slots.ts';
export { buildLlamaServer } from './build/build-llama-server.ts';
export type { BuildProgress } from './build/build-llama-server.ts';
