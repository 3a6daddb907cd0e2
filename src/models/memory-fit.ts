/** How much memory a model will take on a device, with the arithmetic shown. Pure. */

import { counted } from '../kernel/index.ts';
import type { ModelFile } from './gguf-header.ts';

const MB = 1024 * 1024;
const OVERHEAD_LEAST = 256 * MB;
const OVERHEAD_SHARE = 0.03;
const HEADROOM_LEAST = 512 * MB;
const HEADROOM_SHARE = 0.05;
/** Keys and values are kept as half floats unless told otherwise. */
const HALF_FLOAT = 2;

export interface MemoryNeed {
  readonly file: Pick<ModelFile, 'sizeBytes' | 'layers' | 'kvHeadsTotal' | 'keyLength' | 'valueLength'>;
  /** Tokens per slot. */
  readonly contextSize: number;
  readonly slots: number;
  /** Layers on the device; `all` includes the embeddings. */
  readonly layers: number | 'all';
  readonly bytesPerKey?: number;
  readonly bytesPerValue?: number;
}

export interface MemoryEstimate {
  readonly weightsBytes: number;
  readonly cacheBytes: number;
  readonly overheadBytes: number;
  readonly headroomBytes: number;
  readonly totalBytes: number;
  /** The sum as a person would write it, a line per part. */
  readonly lines: readonly string[];
}

export function estimateMemory(need: MemoryNeed): MemoryEstimate {
  const { file, slots, contextSize, bytesPerKey = HALF_FLOAT, bytesPerValue = HALF_FLOAT } = need;
  const share = layerShare(need);
  const tokens = contextSize * slots;
  const perToken = file.kvHeadsTotal * (file.keyLength * bytesPerKey + file.valueLength * bytesPerValue);
  const weightsBytes = Math.ceil(file.sizeBytes * share);
  const cacheBytes = Math.ceil(perToken * share * tokens);
  const loaded = weightsBytes + cacheBytes;
  const overheadBytes = Math.ceil(Math.max(OVERHEAD_LEAST, loaded * OVERHEAD_SHARE));
  const headroomBytes = Math.ceil(Math.max(HEADROOM_LEAST, loaded * HEADROOM_SHARE));
  const totalBytes = loaded + overheadBytes + headroomBytes;
  const layers = need.layers === 'all' ? file.layers : Math.min(need.layers, file.layers);
  const heads = headsText(file, layers);
  const bytes = `(${file.keyLength} × ${bytesPerKey} + ${file.valueLength} × ${bytesPerValue}) bytes`;
  return {
    weightsBytes,
    cacheBytes,
    overheadBytes,
    headroomBytes,
    totalBytes,
    lines: [
      `weights    ${megabytes(weightsBytes)}  ${megabytes(file.sizeBytes)} × ${layers}/${counted(file.layers, 'layer')}`,
      `KV cache   ${megabytes(cacheBytes)}  ${heads} × ${bytes} × ${contextSize} tokens × ${counted(slots, 'slot')}`,
      `overhead   ${megabytes(overheadBytes)}  the greater of 256 MB and 3 % of ${megabytes(loaded)}`,
      `head-room  ${megabytes(headroomBytes)}  the greater of 512 MB and 5 % of ${megabytes(loaded)}`,
      `total      ${megabytes(totalBytes)}`,
    ],
  };
}

/** Heads may differ from layer to layer, and some layers have none: then all heads are told, and the share of them. */
function headsText({ kvHeadsTotal, layers }: MemoryNeed['file'], onDevice: number): string {
  const perLayer = kvHeadsTotal / layers;
  return Number.isInteger(perLayer)
    ? `${counted(onDevice, 'layer')} × ${counted(perLayer, 'kv head')}`
    : `${kvHeadsTotal} kv heads × ${onDevice}/${layers} layers`;
}

/** What the CPU needs for the layers that are not on the device; null when there are none. */
export function estimateRest(need: MemoryNeed): MemoryEstimate | null {
  const { layers, file } = need;
  return layers === 'all' || layers >= file.layers ? null : estimateMemory({ ...need, layers: file.layers - layers });
}

function layerShare({ layers, file }: MemoryNeed): number {
  if (layers === 'all' || file.layers === 0) return 1;
  return Math.min(1, Math.max(0, layers / file.layers));
}

/** Rounded up, so that a sum of lines never promises more room than there is. */
function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / MB)} MB`;
}
