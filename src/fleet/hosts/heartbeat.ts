/** A heartbeat of an agent, as it comes over its link. */

import type { AgentFrame } from '../../contract/index.ts';

export type Heartbeat = Extract<AgentFrame, { kind: 'heartbeat' }>;
