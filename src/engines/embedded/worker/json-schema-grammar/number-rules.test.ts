import fc from 'fast-check';
import { expect, test } from 'vitest';

import { integerRule, numberRule } from './number-rules.ts';
import type { Bounds } from './number-rules.ts';

/** These rules hold nothing but texts, classes, groups and counts, which regular expressions write alike. */
function expression(rule: string | null): RegExp {
  const body = (rule ?? '[]')
    .replace(/"([^"]*)"/g, (_, text: string) => text.replace(/[.+]/g, String.raw`\$&`))
    .replaceAll(' ', '')
    .replaceAll('(', '(?:');
  return new RegExp(`^(?:${body})$`);
}

function isWithin(value: number, { least, leastExcluded, most, mostExcluded }: Bounds): boolean {
  return (leastExcluded ? value > least : value >= least) && (mostExcluded ? value < most : value <= most);
}

const bound = fc.oneof(
  fc.integer({ min: -1_200, max: 1_200 }),
  fc.integer({ min: -3_000, max: 3_000 }).map((cents) => cents / 100),
);
const bounds = fc
  .record({
    least: fc.oneof(bound, fc.constant(-Infinity)),
    leastExcluded: fc.boolean(),
    most: fc.oneof(bound, fc.constant(Infinity)),
    mostExcluded: fc.boolean(),
  })
  .map((each) => ({
    ...each,
    leastExcluded: each.leastExcluded && each.least !== -Infinity,
    mostExcluded: each.mostExcluded && each.most !== Infinity,
  }));

test('a whole number is written exactly when it is within the bounds', () => {
  fc.assert(
    fc.property(
      bounds,
      fc.array(fc.integer({ min: -1_300, max: 1_300 }), { minLength: 20, maxLength: 60 }),
      (each, values) => {
        const rule = expression(integerRule(each));
        const near = [each.least, each.most]
          .filter(Number.isFinite)
          .flatMap((at) => [-1, 0, 1].map((step) => Math.round(at) + step));

        for (const value of [...values, ...near])
          expect([value, rule.test(String(value))]).toEqual([value, isWithin(value, each)]);
      },
    ),
  );
});

test('a number that is written is within the bounds', () => {
  const decimal = fc
    .tuple(fc.integer({ min: -1_300, max: 1_300 }), fc.stringMatching(/^\d{0,6}$/))
    .map(([whole, digits]) => (digits === '' ? `${whole}` : `${whole}.${digits}`));
  fc.assert(
    fc.property(bounds, fc.array(decimal, { minLength: 20, maxLength: 60 }), (each, texts) => {
      const rule = expression(numberRule(each));
      const near = [each.least, each.most]
        .filter(Number.isFinite)
        .flatMap((at) => [
          `${at}`,
          `${at}0`,
          `${at}01`,
          at.toFixed(4),
          (at + 0.0001).toFixed(4),
          (at - 0.0001).toFixed(4),
        ]);

      const written = [...texts, ...near].filter((text) => rule.test(text));
      expect(written.filter((text) => !isWithin(Number(text), each))).toEqual([]);
    }),
  );
});

test('bounds that leave room always have a number', () => {
  fc.assert(
    fc.property(bounds, (each) => {
      fc.pre(each.least < each.most);

      expect(numberRule(each)).not.toBeNull();
    }),
  );
});

test.each([
  [{ least: 0, leastExcluded: true, most: 1, mostExcluded: true }, ['0.5', '0.001', '0.999'], ['0', '1', '0.0', '1.0']],
  [
    { least: 0.25, leastExcluded: false, most: 0.75, mostExcluded: false },
    ['0.2500', '0.7500'],
    ['0.2', '0.7501', '0.8'],
  ],
  [
    { least: -1.5, leastExcluded: false, most: Infinity, mostExcluded: false },
    ['-1.500', '-1', '0', '7.25'],
    ['-1.501', '-2'],
  ],
])('within %j there are %j and not %j', (each, inside, outside) => {
  const rule = expression(numberRule(each));

  expect(inside.filter((text) => !rule.test(text))).toEqual([]);
  expect(outside.filter((text) => rule.test(text))).toEqual([]);
});
