/** Models by the names that Ollama's clients give them. Pure. */

import type { ModelRegistry } from '../fleet/index.ts';

/** `hf.co/org/repo:Q4_K_M` is our `hf:org/repo:Q4_K_M`; `:latest` says nothing. */
export function toReference(name: string): string {
  return name.replace(/:latest$/, '').replace(/^(?:https:\/\/)?(?:hf\.co|huggingface\.co)\//, 'hf:');
}

/** The id of the catalogue that a name means; what means none stays as it is. */
export function idOfName(name: string, models: Pick<ModelRegistry, 'all'>): string {
  const reference = toReference(name);
  const all = models.all();
  if (all.has(name)) return name;
  const bySource = [...all.values()].find(({ source }) => source === reference);
  return bySource?.id ?? reference;
}
