/** A body that llama-server or a server like it answers, read without trust. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // not JSON is an expected answer of a foreign server
  }
}

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
