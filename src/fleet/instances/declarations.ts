/** The stored word about every instance, and the one place that changes it: store first, then whoever must know. */

import { subject } from '../../contract/index.ts';
import { declareInstance, listInstances, removeInstance } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { DesiredInstance } from './desired.ts';

export interface Declarations {
  get(name: string): DesiredInstance | null;
  /** By name. */
  all(): readonly DesiredInstance[];
  /** Replaces what was declared of the instance of the spec's name. */
  declare(instance: DesiredInstance): Promise<void>;
  /** Nothing is declared of it any more; its config file stays. */
  forget(name: string): Promise<void>;
}

interface DeclarationsDeps {
  readonly store: Store;
  /** Called after each change, when it is stored. */
  readonly onChange: (name: string) => void;
}

export async function createDeclarations({ store, onChange }: DeclarationsDeps): Promise<Declarations> {
  const declared = new Map<string, DesiredInstance>();
  for (const { name, spec, ...word } of await store.read(listInstances)) {
    const { desired, config, drained, ephemeral } = word;
    if (spec !== null) declared.set(name, { spec, desired, config, drained, ephemeral });
  }

  return {
    get: (name) => declared.get(name) ?? null,
    all: () => [...declared.values()].toSorted((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
    async declare(instance) {
      const { spec, desired, drained } = instance;
      await store.write(async (tx) => {
        await declareInstance(tx, { name: spec.name, ...instance });
        tx.record({
          type: 'instance.declared',
          subject: subject.instance(spec.name),
          data: { desired, fingerprint: spec.fingerprint, drained },
        });
      });
      declared.set(spec.name, instance);
      onChange(spec.name);
    },
    async forget(name) {
      await store.write(async (tx) => {
        if (await removeInstance(tx, name)) {
          tx.record({ type: 'instance.removed', subject: subject.instance(name), data: {} });
        }
      });
      declared.delete(name);
      onChange(name);
    },
  };
}
