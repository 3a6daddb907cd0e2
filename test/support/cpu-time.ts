/** What a computation costs: the time of the processor, which a busy machine leaves as it is, not that of the clock. */

/** Milliseconds of this process while `work` runs, in all its threads. */
export async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
