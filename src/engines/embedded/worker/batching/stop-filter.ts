/** Lets text through up to a stop string, holding back what might become one. Pure but for its own buffer. */

interface Filtered {
  /** Text that is certainly before any stop string. */
  readonly text: string;
  /** The stop string that was met, or null. */
  readonly stoppedBy: string | null;
}

export interface StopFilter {
  push(text: string): Filtered;
  /** What was held back, once it is certain that nothing follows. */
  flush(): string;
}

export function createStopFilter(stops: readonly string[]): StopFilter {
  let held = '';
  return {
    push(text) {
      if (stops.length === 0) return { text, stoppedBy: null };
      held += text;
      const met = firstStop(held, stops);
      if (met !== null) {
        const before = held.slice(0, met.at);
        held = '';
        return { text: before, stoppedBy: met.stop };
      }
      const safe = held.length - partialMarker(held, stops);
      const free = held.slice(0, safe);
      held = held.slice(safe);
      return { text: free, stoppedBy: null };
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

function firstStop(text: string, stops: readonly string[]): { readonly at: number; readonly stop: string } | null {
  let first: { readonly at: number; readonly stop: string } | null = null;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first === null || at < first.at)) first = { at, stop };
  }
  return first;
}

/** Length of the longest end of `text` that begins a stop string. */
export function partialMarker(text: string, stops: readonly string[]): number {
  const longest = stops.reduce((most, stop) => Math.max(most, stop.length - 1), 0);
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
