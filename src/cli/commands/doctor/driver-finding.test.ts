import { expect, test } from 'vitest';

import { driverFinding } from './driver-finding.ts';

const driver = { name: 'AMD', isLoaded: true, install: 'get it', load: 'load it', reload: 'reboot' };

test('a driver whose tool lists the cards is well, also where a second tool is missing', () => {
  const answers = [{ kind: 'missing', tool: 'amd-smi' } as const, { kind: 'works', tool: 'rocm-smi' } as const];

  expect(driverFinding({ ...driver, answers })).toMatchObject({ status: 'ok', mend: null });
});

test('a tool that works without a driver that one can see is well', () => {
  const answers = [{ kind: 'works', tool: 'nvidia-smi' } as const];

  expect(driverFinding({ ...driver, isLoaded: false, answers })).toMatchObject({ status: 'ok' });
});

test('a tool that is not of the release of the loaded driver is a problem, in its own words', () => {
  const answers = [{ kind: 'fails', tool: 'nvidia-smi', complaint: 'Driver/library version mismatch' } as const];

  expect(driverFinding({ ...driver, answers })).toMatchObject({
    status: 'problem',
    message: 'the AMD driver is loaded, but nvidia-smi says: Driver/library version mismatch',
    mend: 'reboot',
  });
});

test('a driver without its tool is a problem, a tool without its driver a warning', () => {
  const missing = [{ kind: 'missing', tool: 'amd-smi' } as const, { kind: 'missing', tool: 'rocm-smi' } as const];
  const failing = [{ kind: 'fails', tool: 'rocm-smi', complaint: 'no driver' } as const];

  expect(driverFinding({ ...driver, answers: missing })).toMatchObject({ status: 'problem', mend: 'get it' });
  expect(driverFinding({ ...driver, isLoaded: false, answers: failing })).toMatchObject({
    status: 'warning',
    mend: 'load it',
  });
});

test('neither driver nor tool is nothing to tell of', () => {
  const answers = [{ kind: 'missing', tool: 'amd-smi' } as const];

  expect(driverFinding({ ...driver, isLoaded: false, answers })).toBeNull();
});
