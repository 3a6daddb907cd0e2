/** The grammar of an answer that calls tools: the family's pieces of text, and each tool's schema between them. Pure. */

import { literal, RuleBook, SchemaWriter } from '../json-schema-grammar/index.ts';
import { refusingSchemas } from '../request/constraint.ts';
import { looseSchema } from './loose-schema.ts';
import type { Tool, ToolRequest } from './tool-request.ts';
import type { ToolSyntax } from './tool-syntax.ts';

export function toolGrammar({ tools, parallel }: ToolRequest, syntax: ToolSyntax): string {
  const book = new RuleBook();
  const calls = tools.map((tool, at) => refusingSchemas(() => callRule(tool, at, syntax, book)));
  const gap = book.add(syntax.breaks ? '"\\n"?' : '""');
  const call = book.add(`${gap} ( ${calls.join(' | ')} ) ${gap}`);
  const more = parallel && syntax.between !== null ? `( ${literal(syntax.between)} ${call} )*` : '""';
  return book.toText(`${literal(syntax.begin)} ${call} ${more} ${literal(syntax.end)}`);
}

function callRule(tool: Tool, at: number, syntax: ToolSyntax, book: RuleBook): string {
  const schema = tool.strict ? tool.parameters : looseSchema(tool.parameters);
  const parameters = new SchemaWriter(schema, book, `tools[${at}].function.parameters#`).write();
  const head = literal(syntax.beforeName + tool.name + syntax.beforeArguments);
  return book.add(`${head} ${parameters} ${literal(syntax.afterArguments)}`);
}
