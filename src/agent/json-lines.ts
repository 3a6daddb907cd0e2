/** Files of one JSON value a line, read so that a torn line costs itself alone. Pure. */

import type { z } from 'zod';

/** The lines that the schema accepts, in order; what a crash tore, or nobody wrote, is left out. */
export function readJsonLines<T>(text: string, schema: z.ZodType<T>): T[] {
  return text.split('\n').flatMap((line) => {
    const parsed = schema.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Null for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
