/** What an answer may look like: free text, text of a form, or tool calls. Decides the grammars of a request. */

import { ApiError } from '../api-error.ts';
import type { Grammar } from '../batching/generation.ts';
import type { LateGrammar } from '../batching/generation.ts';
import type { TextModel } from '../model/text-model.ts';
import { toolGrammar } from '../tools/tool-grammar.ts';
import type { ToolRequest } from '../tools/tool-request.ts';
import { syntaxOf } from '../tools/tool-syntax.ts';
import type { ToolSyntax } from '../tools/tool-syntax.ts';
import { hasConstraint, readConstraint } from './constraint.ts';
import type { Body } from './fields.ts';

interface AnswerPlan {
  readonly grammar: Grammar | null;
  readonly late: LateGrammar | null;
  /** How calls are written in the answer; null: it is text, whatever it looks like. */
  readonly toolSyntax: ToolSyntax | null;
}

export async function planAnswer(body: Body, tools: ToolRequest | null, model: TextModel): Promise<AnswerPlan> {
  if (tools !== null) return planToolAnswer(body, tools, model);
  const constraint = readConstraint(body);
  return { grammar: constraint === null ? null : await model.compile(constraint), late: null, toolSyntax: null };
}

async function planToolAnswer(body: Body, tools: ToolRequest, model: TextModel): Promise<AnswerPlan> {
  if (hasConstraint(body)) {
    throw new ApiError('invalid_request_error', 'a form of the answer cannot be demanded together with "tools"');
  }
  const toolSyntax = syntaxOf(model.sheet.template ?? '');
  if (toolSyntax === null) {
    throw new ApiError('invalid_request_error', '"tools": the chat template of this model has none');
  }
  const grammar = await model.compile(toolGrammar(tools, toolSyntax));
  return tools.demanded
    ? { grammar, late: null, toolSyntax }
    : { grammar: null, late: { marker: toolSyntax.marker, grammar }, toolSyntax };
}
