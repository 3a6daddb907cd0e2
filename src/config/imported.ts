/** A config that is put together field by field from what another program ran. Pure. */

import type { InstanceConfigInput } from '../contract/instance-config.ts';

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

  config(): Imported['config'] {
    // Each value was read for its field; the schema has the last word on the whole.
    return this.#sections as unknown as Imported['config'];
  }
}
