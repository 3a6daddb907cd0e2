/** P057: a command of class llm that names no model is given no slot and no address of one. */
import { modelOf, wishOf } from '../../meaning/model.ts';
import type { Rule } from '../rule.ts';

export const slotWithoutModel: Rule = {
  code: 'P057',
  severity: 'warning',
  check: ({ tasks, plan }) =>
    tasks
      .filter((task) => task.type === 'shell' && task.class.taskClass === 'llm')
      .filter((task) => (modelOf(task, plan) ?? wishOf(task, plan)) === undefined)
      .map(({ task }) => ({
        at: task.idAt,
        message: `"${task.id}" is of class llm and names no model: it runs like class cpu, without DROVER_LLM_URL`,
        help: 'write - **model**: demo, or model: demo in the front matter',
      })),
};
