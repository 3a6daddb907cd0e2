import { expect, test } from 'vitest';

import { ServiceTimes } from './service-times.ts';

test('service times follow what is measured', () => {
  const times = new ServiceTimes();

  times.record('demo', 100);
  times.record('demo', 200);

  expect(times.of('demo')).toBe(120);
  expect(times.of('other')).toBeNull();
});
