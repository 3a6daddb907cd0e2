/** What shall run: the controller's stored word about one instance. */

import type { DesiredState, InstanceSpec } from '../../contract/index.ts';

export interface DesiredInstance {
  readonly spec: InstanceSpec;
  readonly desired: DesiredState;
  /** The config file as it was written; null for an instance without one. */
  readonly config: string | null;
  /** Takes no new requests until it is started or restarted. */
  readonly drained: boolean;
  /** Made for a model that was asked for; nobody has configured it. */
  readonly ephemeral: boolean;
}
