/** Which cards this machine has, as a courtesy of `drover init`. */

import type { Profile } from '../../../config/instances/instance-template.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { detectDevices } from '../../host-devices.ts';

/** `gpu0 NAME (24.0 GiB)`, one a line, and the profile that fits them; null without a card. */
export async function suggestDevices(
  context: CliContext,
): Promise<{ readonly lines: readonly string[]; readonly profile: Profile } | null> {
  const { backendFor } = await import('../../../devices/index.ts');
  const cards = (await detectDevices(context)).filter(({ kind }) => kind !== 'cpu');
  const [first] = cards;
  if (first === undefined) return null;
  const lines = cards.map((card) => `${card.id} ${card.name} (${bytes(card.totalBytes)})`);
  return { lines, profile: backendFor(first) };
}
