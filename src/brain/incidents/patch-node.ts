/** How a shell node looks with a patch: it goes through the language itself, written, read, linted and compiled. */

import { compilePlan, parsePlan } from '../../plans/index.ts';
import type { CompiledPlan, CompiledShellNode } from '../../plans/index.ts';
import { forbidden } from './guards.ts';
import type { SpecPatch } from './spec-patch.ts';

type PatchResult =
  | { readonly kind: 'patched'; readonly node: CompiledShellNode }
  | { readonly kind: 'refused'; readonly reason: string };

export function patchNode(node: CompiledShellNode, patch: SpecPatch, plan: CompiledPlan): PatchResult {
  const reason = forbidden(node, patch);
  if (reason !== null) return { kind: 'refused', reason };
  const compiled = compilePlan(parsePlan({ file: 'plan.md', text: write(node, patch) }), { config: plan.variables });
  if (compiled.kind === 'rejected') {
    const error = compiled.diagnostics.find(({ severity }) => severity === 'error');
    return { kind: 'refused', reason: `${error?.code ?? 'P000'} ${error?.message ?? 'the patch is no plan'}` };
  }
  const [written, ...others] = compiled.plan.nodes;
  if (written?.type !== 'shell' || others.length > 0) return { kind: 'refused', reason: 'the patch is not one task' };
  return { kind: 'patched', node: merge(node, patch, written) };
}

/** Only what the patch names comes from the task as it was written and read again. */
function merge(node: CompiledShellNode, patch: SpecPatch, written: CompiledShellNode): CompiledShellNode {
  return {
    ...node,
    ...(patch.command === undefined ? {} : { command: written.command }),
    ...(patch.env === undefined ? {} : { env: { ...node.env, ...written.env } }),
    ...(patch.timeout_s === undefined ? {} : { timeoutMs: written.timeoutMs }),
    ...(patch.memory_mb === undefined ? {} : { vramEstimateMb: patch.memory_mb }),
    ...(patch.task_class === undefined ? {} : { taskClass: written.taskClass }),
    ...(patch.retries === undefined ? {} : { retries: written.retries }),
  };
}

/** The step alone, as a plan. */
function write(node: CompiledShellNode, patch: SpecPatch): string {
  const command = patch.command ?? node.command.text;
  const fence = '~'.repeat(Math.max(3, ...[...command.matchAll(/~+/g)].map(([run]) => run.length + 1)));
  return [
    '# Plan: patch',
    '',
    '## Tasks',
    '',
    '### patched',
    `- **task_class**: ${patch.task_class ?? node.taskClass}`,
    ...(node.kind === 'template' ? ['- **foreach**: items.json:items'] : []),
    ...Object.entries(patch.env ?? {}).map(([name, value]) => `- **env**: ${name}="${value}"`),
    ...(patch.timeout_s === undefined ? [] : [`- **timeout**: ${patch.timeout_s}s`]),
    ...(patch.retries === undefined ? [] : [`- **retries**: ${patch.retries}`]),
    ...(patch.memory_mb === undefined ? [] : [`- **vram_estimate_mb**: ${patch.memory_mb}`]),
    '',
    `${fence}${node.command.language}`,
    command,
    fence,
    '',
  ].join('\n');
}
