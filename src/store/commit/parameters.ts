/** Values that both databases bind alike. All others are refused before they are sent: each would bend them its own way. */

/** Throws for a boolean, undefined, a date, an array or an object among the parameters. */
export function checkParameters(sql: string, parameters: readonly unknown[]): void {
  for (const value of parameters) {
    if (!isPortable(value)) throw new TypeError(`${describe(value)} cannot be a parameter of: ${sql}`);
  }
}

function isPortable(value: unknown): boolean {
  if (value === null || value instanceof Uint8Array) return true;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function describe(value: unknown): string {
  if (typeof value === 'boolean') return 'a boolean (write 0 or 1)';
  if (value instanceof Date) return 'a Date (write epoch ms)';
  return value === undefined ? 'undefined (write null)' : `${typeof value} (write JSON text)`;
}
