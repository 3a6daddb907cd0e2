/** Reads the schemas of a plan as its tasks will, so that one that cannot be used is found before anything runs. */

import type { LintContext } from '../../plans/index.ts';

type SchemaChecks = Pick<LintContext, 'schemaFault'>;

/** `source` is the text of the plan: one without a schema does not wait for what reads them. `texts` are of its files. */
export async function schemaChecks(source: string, texts: ReadonlyMap<string, string>): Promise<SchemaChecks> {
  if (!source.includes('schema')) return {};
  const { readSchema } = await import('../asking/answer-schema.ts');
  // Many tasks may have the same schema.
  const known = new Map<string, string | undefined>();
  const faultOf = (text: string): string | undefined => {
    const reading = readSchema(text);
    return reading.kind === 'usable' ? undefined : reading.reason;
  };
  return {
    schemaFault(schema) {
      const text = schema.kind === 'inline' ? schema.text : texts.get(schema.path);
      if (text === undefined) return undefined;
      if (!known.has(text)) known.set(text, faultOf(text));
      return known.get(text);
    },
  };
}
