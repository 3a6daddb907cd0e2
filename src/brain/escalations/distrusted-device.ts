/** Asks a person to look at a device that its own agent trusts no more, and takes the question back with its release. */

import type { Tx } from '../../store/index.ts';
import { openEscalation, withdrawEscalation } from './escalate.ts';

interface DistrustedDevice {
  readonly host: string;
  readonly device: string;
}

const topicOf = ({ host, device }: DistrustedDevice) =>
  ({ kind: 'device', about: `${host}/${device}`, batchId: null, task: null }) as const;

export async function reportDistrust(tx: Tx, at: DistrustedDevice, reason: string): Promise<void> {
  const { host, device } = at;
  await openEscalation(tx, {
    ...topicOf(at),
    question: `${device} of ${host} is quarantined: ${reason}; it takes nothing new until "drover devices release ${device}"`,
    choices: ['seen'],
    detail: { host, device, reason },
  });
}

export function withdrawDistrust(tx: Tx, at: DistrustedDevice): Promise<void> {
  return withdrawEscalation(tx, topicOf(at));
}
