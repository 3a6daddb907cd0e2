/** P037: a placeholder in back-ticks, in `${…}` or as a here-document's delimiter: quoting there has rules of its own. */
import type { Hazard } from '../../shell/substitute-command.ts';
import { placeholderText } from '../../variables/placeholders.ts';
import type { Rule } from '../rule.ts';
import { placeOf } from '../uses.ts';

export const unquotablePlace: Rule = {
  code: 'P037',
  severity: 'error',
  check: ({ uses }) =>
    uses.flatMap((use) => {
      const { placeholder, placement } = use;
      const place = placement?.kind === 'hazard' ? describe(placement.hazard) : undefined;
      if (place === undefined || placeholder.kind !== 'value' || placeholder.raw) return [];
      const message = `${placeholderText(placeholder)} stands ${place.where}, where no quoting is safe`;
      return [{ at: placeOf(use), message, help: place.help }];
    }),
};

function describe(hazard: Hazard): { readonly where: string; readonly help: string } | undefined {
  if (hazard.kind === 'backtick') return { where: 'in back-ticks', help: 'write $(…) instead of back-ticks' };
  if (hazard.kind === 'parameter') {
    return { where: 'in ${…}', help: 'assign it to a shell variable first: name={…}; then use ${name…}' };
  }
  if (hazard.kind === 'delimiter') {
    return { where: "as a here-document's delimiter", help: 'use a fixed word such as EOF' };
  }
  return undefined;
}
