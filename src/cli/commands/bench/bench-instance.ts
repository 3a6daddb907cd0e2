/** An instance for one bench alone, on given devices: made, loaded, and taken away again, also after a failure. */

import type { CliContext } from '../../context.ts';

interface BenchInstance extends AsyncDisposable {
  readonly name: string;
  /** Until it could be asked. */
  readonly loadMs: number;
  /** In use by it; null when nothing measures it. */
  readonly memoryBytes: number | null;
}

export async function openBenchInstance(
  { client, clock }: CliContext,
  {
    model,
    devices,
    parallel,
  }: { readonly model: string; readonly devices: readonly string[]; readonly parallel: number },
): Promise<BenchInstance> {
  const name = `bench-${
    devices
      .join('-')
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '') || 'auto'
  }`;
  const cpu = devices.every((device) => device === 'cpu');
  const gpu = cpu ? { backend: 'cpu' } : { backend: 'auto', devices, layers: 'all' };
  await client.configureInstance(name, { name, model: { id: model }, gpu, server: { parallel } });
  const remove = (): Promise<void> => client.removeInstance(name);
  try {
    const begun = clock.monotonic();
    await client.startInstance(name);
    const loadMs = Math.round(clock.monotonic() - begun);
    const { memory_observed_bytes: memoryBytes } = await client.instance(name);
    return { name, loadMs, memoryBytes, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove().catch(() => {});
    throw error;
  }
}
