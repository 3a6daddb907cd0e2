/** Whether the sampling fields of a request can mean anything, whatever engine answers it. Pure. */

/** From which value to which; what a protocol does not know is passed on unread. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  temperature: [0, 100],
  top_p: [0, 1],
  min_p: [0, 1],
  typical_p: [0, 1],
  presence_penalty: [-2, 2],
  frequency_penalty: [-2, 2],
};

interface OutOfRange {
  readonly param: string;
  readonly message: string;
}

/** The first field that is out of its range; null counts as not given. */
export function outOfRange(fields: Readonly<Record<string, unknown>>): OutOfRange | null {
  for (const [param, [least, most]] of Object.entries(RANGES)) {
    const value = fields[param] ?? null;
    if (value === null || (typeof value === 'number' && value >= least && value <= most)) continue;
    return { param, message: `"${param}" must be a number from ${least} to ${most}` };
  }
  return null;
}
