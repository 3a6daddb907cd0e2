/** P044: a task that needs a model and names none. A command of class llm may do without (P057). */
import { modelOf, wishOf } from '../../meaning/model.ts';
import type { Rule } from '../rule.ts';

export const missingModel: Rule = {
  code: 'P044',
  severity: 'error',
  check: ({ plan, tasks }) =>
    tasks
      .filter((task) => task.type !== 'shell' && (modelOf(task, plan) ?? wishOf(task, plan)) === undefined)
      .map(({ task, type }) => ({
        at: task.idAt,
        message: `"${task.id}" is of type ${type} and names no model`,
        help:
          type === 'meta'
            ? 'write - **model**: demo, the model to load or unload'
            : 'write - **model**: demo, or model: demo in the front matter; or - **llm_min_tier**: 2, and one is chosen',
      })),
};
