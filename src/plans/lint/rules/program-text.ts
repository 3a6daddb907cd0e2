/** P034: a placeholder in text that another program reads as code. No shell quoting makes a value inert there. */
import { environmentNameOf } from '../../compile/environment.ts';
import { placeholderText } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';
import { placeOf } from '../uses.ts';
import type { PlaceholderUse } from '../uses.ts';

export const programText: Rule = {
  code: 'P034',
  severity: 'error',
  check: ({ uses }) =>
    uses.flatMap((use) => {
      const { placeholder } = use;
      const reader = readerOf(use);
      if (reader === undefined || placeholder.kind !== 'value' || placeholder.raw) return [];
      const written = placeholderText(placeholder);
      const raw = placeholderText({ ...placeholder, raw: true });
      const help = `read the environment variable ${environmentNameOf(placeholder)} there, or write ${raw} to splice the value as code`;
      return [{ at: placeOf(use), message: `${written} stands in program text of ${reader}`, help }];
    }),
};

function readerOf({ text, placement }: PlaceholderUse): string | undefined {
  if (text.reader === 'python') return 'python3';
  return placement?.kind === 'hazard' && placement.hazard.kind === 'program' ? placement.hazard.reader : undefined;
}
