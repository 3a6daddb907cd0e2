/** P035: bash replaces nothing in a quoted here-document, so no escape could protect a value there. */
import { environmentNameOf } from '../../compile/environment.ts';
import { placeholderText } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';
import { placeOf } from '../uses.ts';

export const quotedHereDocument: Rule = {
  code: 'P035',
  severity: 'error',
  check: ({ uses }) =>
    uses.flatMap((use) => {
      const { placeholder, placement } = use;
      if (placement?.kind !== 'hazard' || placement.hazard.kind !== 'quoted-heredoc') return [];
      if (placeholder.kind !== 'value' || placeholder.raw) return [];
      const message = `${placeholderText(placeholder)} stands in a quoted here-document`;
      const raw = placeholderText({ ...placeholder, raw: true });
      const help = `unquote the delimiter, read the environment variable ${environmentNameOf(placeholder)}, or write ${raw}`;
      return [{ at: placeOf(use), message, help }];
    }),
};
