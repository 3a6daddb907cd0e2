/** What is known of a task with `cache: inputs` once it has been looked at: what it is made of, and why it runs. */

import type { Inputs } from './inputs.ts';
import type { ProductPlace } from './products.ts';

export interface Gathered {
  readonly inputs: Inputs;
  readonly products: readonly ProductPlace[];
}

/** Found before it ran, kept until it has succeeded. */
export interface Checked {
  readonly gathered: Gathered | null;
  readonly key: string;
  /** Why it runs though it was done before; null when it never was. */
  readonly because: string | null;
}
