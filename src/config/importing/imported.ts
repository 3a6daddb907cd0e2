/** A config that is put together field by field from what another program ran. Pure. */

import { instanceConfigSchema } from '../../contract/instance-config.ts';
import type { InstanceConfigInput } from '../../contract/instance-config.ts';

export interface Imported {
  /** Without `name` and `$schema`. */
  readonly config: Omit<InstanceConfigInput, 'name' | '$schema'>;
  /** What was left out or kept as it is, for the person. */
  readonly notes: readonly string[];
}

/** The sections of a config while fields are put into them. */
export class ConfigSections {
  readonly #sections: Record<string, unknown> = {};

  /** `field` is `SECTION.FIELD`, or a field of the config itself. Undefined leaves it out. */
  place(field: string, value: unknown): void {
    const [section = '', inner] = field.split('.');
    if (value === undefined) return;
    if (inner === undefined) this.#sections[section] = value;
    else this.#sections[section] = { ...(this.#sections[section] as object | undefined), [inner]: value };
  }

  has(field: string): boolean {
    const [section = '', inner = ''] = field.split('.');
    const found = this.#sections[section];
    return typeof found === 'object' && found !== null && inner in found;
  }

  /** In the order of the fields of a config. */
  config(): Imported['config'] {
    const order = Object.keys(instanceConfigSchema.shape);
    const sections = Object.entries(this.#sections).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    // Each value was read for its field; the schema has the last word on the whole.
    return Object.fromEntries(sections) as unknown as Imported['config'];
  }
}

/** The config of an instance of that name, which is no alias of itself. */
export function namedConfig({ config }: Imported, name: string): InstanceConfigInput {
  const { alias, ...model } = config.model;
  const others = alias?.filter((each) => each !== name) ?? [];
  return { ...config, name, model: { ...model, ...(others.length === 0 ? {} : { alias: others }) } };
}
