/** When a request will begin, by who is before it and how long requests keep the slots. Pure. */

/** One slot as it will be; milliseconds from now. */
export interface SlotLine {
  readonly freeInMs: number;
  readonly serviceMs: number;
}

/** Without so many of those that are free. */
export function withoutFree(lines: readonly SlotLine[], count: number): readonly SlotLine[] {
  const free = lines.filter(({ freeInMs }) => freeInMs === 0);
  return [...free.slice(count), ...lines.filter(({ freeInMs }) => freeInMs > 0)];
}

/** Until the request with so many before it begins, each in the slot that is free first; null without slots. */
export function startsInMs(ahead: number, lines: readonly SlotLine[]): number | null {
  const [first, ...others] = lines.map(({ freeInMs }) => freeInMs);
  if (first === undefined) return null;
  let low = Math.min(first, ...others);
  let high = low + Math.max(...lines.map(({ freeInMs, serviceMs }) => freeInMs + span(serviceMs) * (ahead + 1)));
  while (high - low > 0.5) {
    const middle = (low + high) / 2;
    if (startsUntil(middle, lines) > ahead) high = middle;
    else low = middle;
  }
  return Math.round(low);
}

/** How many requests begin in that time. */
function startsUntil(ms: number, lines: readonly SlotLine[]): number {
  return lines.reduce(
    (sum, { freeInMs, serviceMs }) => (freeInMs > ms ? sum : sum + Math.floor((ms - freeInMs) / span(serviceMs)) + 1),
    0,
  );
}

/** A slot is never free twice at once. */
function span(serviceMs: number): number {
  return Math.max(1, serviceMs);
}

/** A request that has taken longer than usual may end any moment, but the longer it took, the longer it takes. */
const OVERTIME = 0.25;

export function leftMs(serviceMs: number, elapsedMs: number): number {
  return Math.max(serviceMs - elapsedMs, Math.max(serviceMs, elapsedMs) * OVERTIME);
}
