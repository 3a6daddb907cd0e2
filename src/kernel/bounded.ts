/** Tasks in the order of their items, a bounded number at a time. */

/** Resolves when all are done; rejects with the first failure, and then begins no more. An aborted signal begins no more. */
export async function forEachBounded<T>(
  items: readonly T[],
  options: { readonly atOnce: number; readonly signal?: AbortSignal },
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !options.signal?.aborted; item = queue.shift()) {
      try {
        await task(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.atOnce, items.length) }, lane));
}
