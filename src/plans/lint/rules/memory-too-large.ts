/** P043: a task that needs more memory than any device has would wait for ever. Silent when devices are not known. */
import { spanOf } from '../../span.ts';
import type { Rule } from '../rule.ts';

export const memoryTooLarge: Rule = {
  code: 'P043',
  severity: 'error',
  check: ({ plan, context }) => {
    const largest = Math.max(...(context.deviceMemoryMb ?? []));
    if (!Number.isFinite(largest)) return [];
    return plan.tasks.flatMap((task) => {
      const field = task.fields.vram_estimate_mb;
      if (field === undefined || field.value <= largest) return [];
      const message = `vram_estimate_mb ${field.value} is above any device (${largest} MB at most)`;
      return [{ at: spanOf(field.source), message, help: 'lower the estimate or split the work' }];
    });
  },
};
