/** Who is told what agents say of plan work: the brain. No behaviour. */

import type { Brain } from '../../brain/index.ts';

export type WorkOwner = Pick<
  Brain,
  'epoch' | 'onHello' | 'onStarted' | 'onDeclined' | 'onOutcomes' | 'onDevices' | 'onAgentLost'
>;
