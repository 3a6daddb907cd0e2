/** `drover submit`: hands a plan to the controller, and with `--wait` follows the batch to its end. */

import { AppError } from '../../../contract/errors.ts';
import type { Diagnostic } from '../../../contract/diagnostics.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderError } from '../../errors.ts';
import { progressOf } from '../../format.ts';
import { batchConfig } from './batch-config.ts';
import type { ConfigFlags } from './batch-config.ts';
import { followBatch } from './follow-batch.ts';
import type { Priority } from './priority.ts';
import { placePlan } from '../plans/plan-place.ts';
import type { PlacedPlan } from '../plans/plan-place.ts';
import { tellWarnings } from '../plans/plan-warnings.ts';
import { showDiagnostics } from '../plans/show-diagnostics.ts';

interface SubmitFlags extends ConfigFlags {
  readonly priority?: Priority;
  readonly idempotencyKey?: string;
  readonly wait: boolean;
  /** Send the folder, also where the disk is shared. */
  readonly upload: boolean;
  readonly json: boolean;
}

/** What of the submitting shell a task's environment begins with. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'VIRTUAL_ENV'];

export async function submit(this: CliContext, flags: SubmitFlags, plan: string): Promise<void> {
  const placed = await placePlan(this, plan, flags);
  const view = await send(this, flags, placed);
  if (view === null) return;
  const warnings = { told: view.warnings, more: view.more_warnings };
  if (!flags.wait) {
    if (flags.json) return printJson(this, view);
    this.out.line(view.batch_id);
    await tellWarnings(this, plan, warnings);
    return this.err.line(`follow it with "drover batch watch ${view.batch_id}"`);
  }
  this.err.line(`batch ${view.batch_id}`);
  await tellWarnings(this, plan, warnings);
  const end = await followBatch(this, view.batch_id);
  if (end === null) return;
  if (flags.json) printJson(this, { batch_id: end.batch_id, status: end.status, tasks: end.counts, path: end.path });
  else this.out.line(`batch ${end.batch_id} ${end.status}: ${progressOf(end.counts)}\n${end.path}`);
  if (end.status !== 'succeeded') this.end(EXIT.failed);
}

/** Null when the plan is invalid: the diagnostics are printed and the exit code is set. */
async function send(context: CliContext, flags: SubmitFlags, { folder, text, isHere }: PlacedPlan) {
  const { client, env, cwd } = context;
  try {
    return await client.submit({
      folder,
      config: batchConfig(flags, cwd),
      ...(flags.priority === undefined ? {} : { priority: flags.priority }),
      ...(flags.idempotencyKey === undefined ? {} : { idempotency_key: flags.idempotencyKey }),
      ...(isHere ? { env: inherited(env) } : {}),
    });
  } catch (error) {
    const diagnostics = diagnosticsOf(error);
    if (diagnostics === null) throw error;
    await showDiagnostics(context, { diagnostics, source: text, json: flags.json });
    if (!flags.json) context.err.line(`\n${renderError(error, env)}`);
    context.end(EXIT.invalidFile);
    return null;
  }
}

function inherited(env: CliContext['env']): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] | null {
  if (!(error instanceof AppError) || error.code !== 'PLAN_INVALID') return null;
  const diagnostics = error.detail?.['diagnostics'];
  return Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : null;
}
