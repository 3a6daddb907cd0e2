/** Model files: their data sheets, the memory they need, and the demo model. The catalogue itself lives in the store. */

export { writeDemoModel } from './demo-model.ts';
export type { DemoShape } from './demo-model.ts';
export { describeModelFile, partsOf } from './gguf-header.ts';
export type { ModelFile } from './gguf-header.ts';
export { digestFile } from './digest.ts';
export { inspectModelFile } from './inspect.ts';
export type { ModelInspection } from './inspect.ts';
export { estimateMemory, estimateRest } from './memory-fit.ts';
export type { MemoryEstimate, MemoryNeed } from './memory-fit.ts';
export { suggest } from './suggest.ts';
export type { ModelWish, Placement, Suggestion } from './suggest.ts';
