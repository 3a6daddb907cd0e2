/**
 * JSON schema into GBNF: every text of the grammar satisfies the schema, and what a grammar cannot keep is refused
 * with keyword and place. Not every value that the schema allows has a text: see docs/embedded-engine.md. Pure.
 */

export { RuleBook, literal } from './rule-book.ts';
export { SchemaError } from './schema-error.ts';
export type { Schema } from './schema-error.ts';
export { SchemaWriter } from './schema-writer.ts';

import { RuleBook } from './rule-book.ts';
import { SchemaWriter } from './schema-writer.ts';

/** A whole grammar for one schema. Throws SchemaError. */
export function schemaGrammar(schema: unknown): string {
  const book = new RuleBook();
  return book.toText(new SchemaWriter(schema, book, '#').write());
}
