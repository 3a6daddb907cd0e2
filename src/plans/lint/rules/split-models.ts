/** P059: a command that splits a model over the cards, and names several. */
import type { ResolvedTask } from '../../meaning/resolve-task.ts';
import { placeIn } from '../../span.ts';
import { tasksWith } from '../rule.ts';
import type { Finding, Rule } from '../rule.ts';

const MODEL_ARGUMENT = /--(?:[a-z0-9]+-)*model(?:=|\s+)("[^"]*"|'[^']*'|[^\s;|&]+)/g;

export const splitModels: Rule = {
  code: 'P059',
  severity: 'error',
  check: (subject) => tasksWith(subject, 'llm_placement').flatMap(severalIn),
};

function severalIn({ task, program }: ResolvedTask): Finding[] {
  if (task.fields.llm_placement?.value !== 'split_gpu' || program === undefined) return [];
  const named = [...program.source.text.matchAll(MODEL_ARGUMENT)];
  const second = named.find((match) => unquoted(match) !== unquoted(named[0]));
  if (second === undefined) return [];
  const at = placeIn(program.source, second.index, second.index + second[0].length);
  const message = `llm_placement: split_gpu gives all cards to one model, and the command names ${unquoted(named[0])} and ${unquoted(second)}`;
  return [{ at, message, help: 'make a task for each model, or write - **llm_placement**: single_gpu' }];
}

function unquoted(match: RegExpExecArray | undefined): string {
  return (match?.[1] ?? '').replace(/^(["'])(.*)\1$/, '$2');
}
