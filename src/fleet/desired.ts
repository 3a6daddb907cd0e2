/** What shall run on a host: the controller's stored word, as the agent gets it. */

import type { DesiredState, InstanceSpec } from '../contract/index.ts';

export interface DesiredInstance {
  readonly spec: InstanceSpec;
  readonly desired: DesiredState;
}
