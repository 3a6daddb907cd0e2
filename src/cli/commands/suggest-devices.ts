/** Which cards this machine has, as a courtesy of `drover init`: looks once, holds nothing. */

import type { Profile } from '../../config/instance-template.ts';
import type { CliContext } from '../context.ts';

const PROFILE_OF: Readonly<Record<string, Profile>> = {
  nvidia: 'cuda',
  simulated: 'cuda',
  amd: 'rocm',
  apple: 'metal',
};

/** `gpu0 NAME (24.0 GiB)`, one a line, and the profile that fits them; null without a card. */
export async function suggestDevices(
  context: CliContext,
): Promise<{ readonly lines: readonly string[]; readonly profile: Profile } | null> {
  const { createMemoryLedger, createProbes, formatBytes } = await import('../../devices/index.ts');
  const probes = createProbes({ environment: context.env, clock: context.clock, ledger: createMemoryLedger() });
  const seen = await Promise.allSettled(probes.map((probe) => probe.read(context.signal)));
  const cards = seen.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const [first] = cards.filter(({ kind }) => kind !== 'cpu');
  const profile = PROFILE_OF[first?.kind ?? ''];
  if (profile === undefined) return null;
  const lines = cards
    .filter(({ kind }) => kind !== 'cpu')
    .map((card) => `${card.id} ${card.name} (${formatBytes(card.totalBytes)})`);
  return { lines, profile };
}
