/** How the schema of a parse task is written: as JSON itself, or as the path of a file. */
import type { CompiledParseNode } from '../types.ts';

const PLACEHOLDER = /^\{(raw:)?[A-Za-z_][A-Za-z0-9_.-]*\}/;

/** What begins like a JSON object or list is meant as JSON, unless it begins with a placeholder; all else is a path. */
export function writtenSchema(written: string): CompiledParseNode['schema'] {
  const isJson = /^[{[]/.test(written) && !PLACEHOLDER.test(written);
  return isJson ? { kind: 'inline', text: written } : { kind: 'file', path: written };
}
