/** Instance specs changed section by section, over the whole one of `instance-spec.ts`. */

import type { InstanceSpec } from '../../src/contract/index.ts';
import { instanceSpec } from './instance-spec.ts';

type Section = 'engine' | 'model' | 'server' | 'gpu' | 'health' | 'stop' | 'restart';
export type SpecChanges = { readonly [K in Section]?: Partial<InstanceSpec[K]> } & Partial<Omit<InstanceSpec, Section>>;

const MIB = 1024 * 1024;

export function makeSpec(changes: SpecChanges = {}): InstanceSpec {
  const whole = instanceSpec();
  return {
    ...whole,
    ...changes,
    engine: { ...whole.engine, ...changes.engine },
    model: { ...whole.model, memoryBytes: 100 * MIB, ...changes.model },
    server: { ...whole.server, ...changes.server },
    gpu: { ...whole.gpu, ...changes.gpu },
    health: { ...whole.health, ...changes.health },
    stop: { ...whole.stop, ...changes.stop },
    restart: { ...whole.restart, ...changes.restart },
  };
}
