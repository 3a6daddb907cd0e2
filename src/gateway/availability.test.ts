import { describe, expect, test } from 'vitest';

import type { InstanceReport, InstanceStateName } from '../contract/index.ts';
import { availabilityOf } from './availability.ts';
import type { DirectoryInstance, Target } from './types.ts';

function instance(name: string, desired: 'running' | 'stopped'): DirectoryInstance {
  return { name, desired, modelId: 'demo', aliases: [] };
}

function target(...instances: readonly DirectoryInstance[]): Target {
  return { kind: 'model', name: 'demo', instances };
}

function state(name: InstanceStateName): Pick<InstanceReport, 'state' | 'failure'> {
  return { state: name, failure: null };
}

describe('availability', () => {
  test('is there while anything that should run may still come up', () => {
    const reports = new Map([
      ['a', state('failed')],
      ['b', state('backoff')],
    ]);

    expect(availabilityOf(target(instance('a', 'running'), instance('b', 'running')), reports)).toEqual({
      kind: 'available',
    });
    expect(availabilityOf(target(instance('c', 'running')), reports)).toEqual({ kind: 'available' });
  });

  test('is not when all is stopped, or all that should run has failed', () => {
    const reports = new Map([
      ['a', state('failed')],
      ['b', state('ready')],
    ]);

    expect(availabilityOf(target(instance('a', 'stopped')), reports).kind).toBe('stopped');
    expect(availabilityOf(target(instance('a', 'running'), instance('b', 'stopped')), reports).kind).toBe('failed');
    expect(availabilityOf(target(), reports)).toEqual({ kind: 'stopped', instances: [] });
  });
});
