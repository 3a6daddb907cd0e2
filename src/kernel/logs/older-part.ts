/** How the parts of a rotated log are named. */

/** The older parts of a log, `.1` being the youngest. */
export function olderPart(path: string, age: number): string {
  return `${path}.${age}`;
}

/** The head of a log on its way to becoming an older part. */
export function partialCopy(path: string): string {
  return `${path}.tmp`;
}
