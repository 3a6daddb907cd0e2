/** What the controller lets its metrics look at when they are asked. No behaviour. */

import type { DaemonStatusView, DeviceView, InstanceReport } from '../../contract/index.ts';
import type { BrainOverview } from '../../brain/index.ts';
import type { GatewaySnapshot } from '../../gateway/index.ts';

export interface MetricViews {
  readonly version: string;
  /** The one name that a model goes by, of the names that a request may carry; null for none that is known. */
  modelName(asked: string): string | null;
  gateway(): GatewaySnapshot;
  instances(): ReadonlyMap<string, InstanceReport>;
  devices(): readonly DeviceView[];
  agents(): DaemonStatusView['agents'];
  /** What goes on over all batches. */
  work(): Promise<BrainOverview>;
}
