/** The priority of a batch, as typed. */

export type Priority = 'low' | 'normal' | 'high' | 'urgent' | number;

export function parsePriority(input: string): Priority {
  if (input === 'low' || input === 'normal' || input === 'high' || input === 'urgent') return input;
  if (/^\d{1,3}$/.test(input) && Number(input) <= 100) return Number(input);
  throw new Error(`"${input}" is no priority: low, normal, high, urgent or 0 to 100`);
}
