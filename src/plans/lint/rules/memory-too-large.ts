/** P043: a task that needs more memory than any device has would wait for ever. Silent when devices are not known. */
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, LintSubject, Rule } from '../rule.ts';

export const memoryTooLarge: Rule = {
  code: 'P043',
  severity: 'error',
  check: (subject) => {
    const largest = Math.max(...(subject.context.deviceMemoryMb ?? []));
    return Number.isFinite(largest) ? [...ofTasks(subject, largest), ...ofScripts(subject, largest)] : [];
  },
};

function ofTasks(subject: LintSubject, largest: number): Finding[] {
  return tasksWith(subject, 'vram_estimate_mb').flatMap(({ task }) => {
    const field = task.fields.vram_estimate_mb;
    if (field === undefined || field.value <= largest) return [];
    return [finding(spanOf(field.source), 'vram_estimate_mb', field.value, largest)];
  });
}

/** The default of tasks that run the script. */
function ofScripts({ plan }: LintSubject, largest: number): Finding[] {
  return plan.scripts.flatMap(({ name, at, vramEstimateMb = 0 }) =>
    vramEstimateMb <= largest ? [] : [finding(at, `the VRAM estimate of ${name},`, vramEstimateMb, largest)],
  );
}

function finding(at: Finding['at'], what: string, value: number, largest: number): Finding {
  const message = `${what} ${value} is above any device (${largest} MB at most)`;
  return { at, message, help: 'lower the estimate or split the work' };
}
