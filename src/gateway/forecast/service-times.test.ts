import { expect, test } from 'vitest';

import { ServiceTimes } from './service-times.ts';

test('service times follow what is measured', () => {
  const times = new ServiceTimes();

  times.record('demo', 'a', 100);
  times.record('demo', 'b', 200);

  expect(times.of('demo')).toBe(120);
  expect([times.on('demo', 'a'), times.on('demo', 'b'), times.on('demo', 'new')]).toEqual([100, 200, 120]);
  expect([times.of('other'), times.on('other', 'a')]).toEqual([null, null]);
});
