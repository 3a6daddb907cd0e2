/** When a device is strained too much for new work: too hot, or at its power limit. Pure. */

export type Strain =
  | { readonly kind: 'normal' }
  /** `why` in words. */
  | { readonly kind: 'constrained'; readonly by: 'heat' | 'power'; readonly why: string };

export interface StrainReading {
  readonly temperatureC: number | null;
  readonly powerW?: number | null;
  readonly powerLimitW?: number | null;
}

export const UNSTRAINED: Strain = { kind: 'normal' };

interface Limit {
  readonly from: number;
  /** Once reached, it counts until the value is below this. */
  readonly until: number;
}

const HEAT_C: Limit = { from: 85, until: 80 };
/** Shares of the card's own power limit. */
const POWER: Limit = { from: 1, until: 0.95 };

/** What a device does not report constrains it never. */
export function nextStrain(before: Strain, { temperatureC, powerW, powerLimitW }: StrainReading): Strain {
  const by = before.kind === 'constrained' ? before.by : null;
  if (temperatureC !== null && exceeds(temperatureC, HEAT_C, by === 'heat')) {
    return {
      kind: 'constrained',
      by: 'heat',
      why: `too hot for new tasks (${temperatureC} °C) until it is below ${HEAT_C.until}`,
    };
  }
  if (typeof powerW === 'number' && typeof powerLimitW === 'number') {
    const why = `at its power limit (${Math.round(powerW)} of ${Math.round(powerLimitW)} W)`;
    if (exceeds(powerW / powerLimitW, POWER, by === 'power')) return { kind: 'constrained', by: 'power', why };
  }
  return UNSTRAINED;
}

function exceeds(value: number, { from, until }: Limit, exceeded: boolean): boolean {
  return value >= (exceeded ? until : from);
}
