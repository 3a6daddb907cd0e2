import { describe, expect, test } from 'vitest';

import type { InstanceReport, InstanceStateName } from '../../contract/index.ts';
import type { DirectoryInstance, Target } from '../types.ts';
import { availabilityOf } from './availability.ts';

function instance(name: string, desired: 'running' | 'stopped'): DirectoryInstance {
  return { name, desired, modelId: 'demo', aliases: [], drained: false, ephemeral: false };
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
  });

  test('asks somebody to get up when nothing else of the target serves', () => {
    const reports = new Map([
      ['a', state('failed')],
      ['b', state('asleep')],
      ['c', state('stopping')],
      ['d', state('loading')],
    ]);
    const callFor = (...names: readonly string[]) =>
      availabilityOf(target(...names.map((name) => instance(name, 'running'))), reports);

    expect(callFor('a', 'b')).toEqual({ kind: 'asleep', call: { kind: 'instance', name: 'b' } });
    expect(callFor('c')).toEqual({ kind: 'asleep', call: { kind: 'instance', name: 'c' } });
    expect(callFor('b', 'd')).toEqual({ kind: 'available' });
    expect(callFor()).toEqual({ kind: 'asleep', call: { kind: 'model', name: 'demo' } });
  });

  test('is not when all that shall run is drained, asleep or not', () => {
    const drained = { ...instance('a', 'running'), drained: true };
    const reports = new Map([['a', state('asleep')]]);

    expect(availabilityOf(target(drained), reports)).toEqual({ kind: 'draining', instance: 'a' });
    expect(availabilityOf(target(drained, instance('b', 'running')), reports)).toEqual({ kind: 'available' });
  });
});
