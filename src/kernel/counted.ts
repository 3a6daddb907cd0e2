/** A number with its noun, for texts that people read: `1 slot`, `2 slots`, `2 entries`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
