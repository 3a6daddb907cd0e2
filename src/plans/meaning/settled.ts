/** Texts whose placeholders are known before the batch runs: what they are once the batch's values are in place. */
import { findPlaceholders } from '../variables/placeholders.ts';
import { replaceEach } from '../variables/values.ts';

/** Undefined while a placeholder has no value yet: an item's, a built-in's, an input's at lint. */
export function settledText(text: string, variables: Readonly<Record<string, string>>): string | undefined {
  if (!text.includes('{')) return text;
  const placeholders = findPlaceholders(text, new Set(Object.keys(variables)));
  const open = placeholders.some(({ kind, root }) => kind !== 'literal' && !Object.hasOwn(variables, root));
  return open ? undefined : replaceEach(text, placeholders, ({ root }) => variables[root] ?? '');
}
