/** P060: a meta task does what the brain does to models, and nothing else. */
import { metaActionOf } from '../../meaning/meta.ts';
import { spanOf } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Rule } from '../rule.ts';

export const metaCommand: Rule = {
  code: 'P060',
  severity: 'error',
  check: (subject) =>
    tasksWith(subject, 'type').flatMap(({ type, program }) => {
      if (type !== 'meta' || program === undefined || metaActionOf(program.source.text) !== undefined) return [];
      const message = 'the command of a meta task is load_llm or unload_llm';
      const help = 'write one of them, or remove - **type**: meta to run the command (task_class may be meta)';
      return [{ at: spanOf(program.source), message, help }];
    }),
};
