/** When a device is too hot for new work: from 85 °C on, until it has fallen below 80. Pure. */

export type Thermal = 'normal' | 'constrained';

const CONSTRAINED_FROM_C = 85;
const NORMAL_BELOW_C = 80;

/** A device that reports no temperature is never constrained. */
export function nextThermal(before: Thermal, temperatureC: number | null): Thermal {
  if (temperatureC === null) return 'normal';
  if (temperatureC >= CONSTRAINED_FROM_C) return 'constrained';
  return temperatureC < NORMAL_BELOW_C ? 'normal' : before;
}
