/** P055: a reservation that is to stay as written, and is not written. */
import { nameSpan } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const fixedMemory: Rule = {
  code: 'P055',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'vram_policy').flatMap(({ task: { fields }, script }) => {
      const { vram_policy: policy, vram_estimate_mb: estimate } = fields;
      if (policy?.value !== 'fixed' || estimate !== undefined || script?.vramEstimateMb !== undefined) return [];
      const message = 'vram_policy: fixed needs an estimate';
      return [{ at: nameSpan('vram_policy', policy), message, help: 'add - **vram_estimate_mb**: 2048' }];
    }),
};
