/** How many bytes tensors take by their type; enough to notice a file that was cut off. */

interface TensorType {
  readonly name: string;
  /** Elements and bytes of one block. */
  readonly block: number;
  readonly bytes: number;
}

const TYPES: Readonly<Record<number, TensorType>> = {
  0: { name: 'F32', block: 1, bytes: 4 },
  1: { name: 'F16', block: 1, bytes: 2 },
  2: { name: 'Q4_0', block: 32, bytes: 18 },
  3: { name: 'Q4_1', block: 32, bytes: 20 },
  6: { name: 'Q5_0', block: 32, bytes: 22 },
  7: { name: 'Q5_1', block: 32, bytes: 24 },
  8: { name: 'Q8_0', block: 32, bytes: 34 },
  10: { name: 'Q2_K', block: 256, bytes: 84 },
  11: { name: 'Q3_K', block: 256, bytes: 110 },
  12: { name: 'Q4_K', block: 256, bytes: 144 },
  13: { name: 'Q5_K', block: 256, bytes: 176 },
  14: { name: 'Q6_K', block: 256, bytes: 210 },
  20: { name: 'IQ4_NL', block: 32, bytes: 18 },
  23: { name: 'IQ4_XS', block: 256, bytes: 136 },
  30: { name: 'BF16', block: 1, bytes: 2 },
  39: { name: 'MXFP4', block: 32, bytes: 17 },
};

/** Null for a type that this table does not know. */
export function tensorBytes(type: number, elements: number): number | null {
  const known = TYPES[type];
  return known === undefined ? null : Math.ceil(elements / known.block) * known.bytes;
}

export function tensorTypeName(type: number): string | null {
  return TYPES[type]?.name ?? null;
}
