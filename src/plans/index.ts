/** The public face of the plan language: parse, lint, compile, expand and render. Other areas import only this. */
export type * from './types.ts';
export { parsePlan } from './parse/parse-plan.ts';
export type { PlanSource } from './parse/parse-plan.ts';
export { hasErrors, lintPlan } from './lint/lint-plan.ts';
export type { LintContext } from './lint/rule.ts';
export { compilePlan } from './compile/compile-plan.ts';
export type { CompileContext } from './compile/compile-plan.ts';
export { renderCondition, renderForeach, renderNames, renderTask } from './compile/render-task.ts';
export type { RenderRequest } from './compile/render-common.ts';
export type { RenderedCondition, RenderedSource } from './compile/render-task.ts';
export { expandForeach } from './foreach/expand.ts';
export type { ForeachList } from './foreach/expand.ts';
export { membersOf } from './foreach/groups.ts';
export { renderDiagnostics } from './render-diagnostic.ts';
export type { BatchConfig } from './meaning/variables.ts';
export { formatPlan } from './format/format-plan.ts';
export { loadPlanFolder } from './load.ts';
export type { LoadedPlanFolder } from './load.ts';
