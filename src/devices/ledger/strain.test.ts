/** When a device is too strained for new work, and when that is over. */

import { expect, test } from 'vitest';

import { nextStrain, UNSTRAINED } from './strain.ts';
import type { Strain, StrainReading } from './strain.ts';

/** The kind after each reading, one after the other. */
function course(...readings: readonly Partial<StrainReading>[]): string[] {
  let strain: Strain = UNSTRAINED;
  return readings.map((reading) => {
    strain = nextStrain(strain, { temperatureC: null, powerW: null, powerLimitW: null, ...reading });
    return strain.kind === 'normal' ? 'normal' : strain.by;
  });
}

test('from 85 degrees on it is constrained, until it has fallen below 80', () => {
  const temperatures = [84, 85, 84, 80, 79, 84].map((temperatureC) => ({ temperatureC }));

  expect(course(...temperatures)).toEqual(['normal', 'heat', 'heat', 'heat', 'normal', 'normal']);
});

test('at its power limit it is constrained, until it draws less than 95 percent of it', () => {
  const draws = [124, 125, 126, 119, 118].map((powerW) => ({ powerW, powerLimitW: 125 }));

  expect(course(...draws)).toEqual(['normal', 'power', 'power', 'power', 'normal']);
});

test('the end of one strain does not wait for another that never was', () => {
  expect(
    course({ powerW: 125, powerLimitW: 125, temperatureC: 82 }, { powerW: 60, powerLimitW: 125, temperatureC: 82 }),
  ).toEqual(['power', 'normal']);
});

test('what is not measured constrains nothing', () => {
  expect(course({}, { powerW: 200 }, { powerLimitW: 10 })).toEqual(['normal', 'normal', 'normal']);
});
