/** Whether an engine hears of its key. Pure, and free of zod. */

export interface KeyTaking {
  readonly kind: string;
  /** The variable that holds the key, where the config names one. */
  readonly keyVariable: string | undefined;
  /** All arguments of the program. */
  readonly args: readonly string[];
}

/** Our own engines always do; a program only when its config hands it the key. */
export function isHandedKey({ kind, keyVariable, args }: KeyTaking): boolean {
  if (kind !== 'command') return true;
  return keyVariable !== undefined || args.some((arg) => arg.includes('{key}'));
}
