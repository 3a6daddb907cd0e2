/** Reads the schemas of a plan as its tasks will, so that one that cannot be used is found before anything runs. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { LintContext } from '../../plans/index.ts';

type SchemaChecks = Pick<LintContext, 'schemaFault'>;

/** `source` is the text of the plan: one without a schema does not wait for what reads them. */
export async function schemaChecks(source: string, folder: string): Promise<SchemaChecks> {
  if (!source.includes('schema')) return {};
  const { readSchema } = await import('../asking/answer-schema.ts');
  return {
    schemaFault(schema) {
      const reading = readSchema(
        schema.kind === 'inline' ? schema.text : readFileSync(join(folder, schema.path), 'utf8'),
      );
      return reading.kind === 'usable' ? undefined : reading.reason;
    },
  };
}
