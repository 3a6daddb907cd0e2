/** Where a script may run: on the cards of a host, and on its own memory only where it has none. Pure. */

import type { DeviceReport } from '../../contract/index.ts';
import type { AgentPort } from '../ports.ts';

/** Of all hosts that are here. */
export function scriptDevices(agents: Pick<AgentPort, 'connected' | 'devices'>): readonly DeviceReport[] {
  return agents.connected().flatMap((host) => {
    const devices = agents.devices(host);
    const cards = devices.filter(({ kind }) => kind !== 'cpu');
    return cards.length > 0 ? cards : devices;
  });
}
