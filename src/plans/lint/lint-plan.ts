/** Runs every rule over a plan and sorts what they find by place. */
import type { Diagnostic } from '../../contract/index.ts';
import { resolvePlan } from '../meaning/resolve-plan.ts';
import type { ResolvedPlan } from '../meaning/resolve-plan.ts';
import { batchVariables } from '../meaning/variables.ts';
import type { Plan } from '../types.ts';
import { fieldsUsedIn, oddBlocksOf } from './field-blocks.ts';
import type { LintContext, LintSubject } from './rule.ts';
import { toDiagnostic } from './rule.ts';
import { RULES } from './rules/index.ts';
import { readTexts } from './uses.ts';

export function lintPlan(plan: Plan, context: LintContext = {}): Diagnostic[] {
  return lintResolved(resolvePlan(plan), context);
}

/** For who has resolved the plan already. */
export function lintResolved(resolved: ResolvedPlan, context: LintContext): Diagnostic[] {
  const { file } = resolved.plan;
  const subject = lintSubject(resolved, context);
  const found = RULES.flatMap((rule) => rule.check(subject).map((finding) => toDiagnostic(file, rule, finding)));
  return found.toSorted((a, b) => a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1));
}

function lintSubject(resolved: ResolvedPlan, context: LintContext): LintSubject {
  const { plan } = resolved;
  const variables = batchVariables(plan, context.config ?? {});
  const declared = new Set([...plan.inputs.map(({ name }) => name), ...Object.keys(variables)]);
  const usedFields = fieldsUsedIn(plan);
  const read = readTexts(resolved, declared, usedFields);
  return { ...resolved, context, declared, variables, oddBlocks: oddBlocksOf(plan), usedFields, ...read };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
