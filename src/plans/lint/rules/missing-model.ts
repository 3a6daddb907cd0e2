/** P044: a generate task that names no model. */
import type { Rule } from '../rule.ts';

export const missingModel: Rule = {
  code: 'P044',
  severity: 'error',
  check: ({ plan, tasks }) =>
    tasks
      .filter(
        ({ type, task }) =>
          type === 'generate' && (task.fields.model ?? task.fields.llm_model ?? plan.defaults.model) === undefined,
      )
      .map(({ task }) => ({
        at: task.idAt,
        message: `"${task.id}" is of type generate and names no model`,
        help: 'write - **model**: demo, or model: demo in the front matter',
      })),
};
