/**
 * From a plan folder to what a batch of it runs: read, checked and compiled, with the text and the digest that the store
 * keeps it under. It makes nothing.
 */

import { createHash } from 'node:crypto';

import type { Diagnostic } from '../../contract/index.ts';
import { compilePlan, loadPlanFolder, parsePlan, warningsOf } from '../../plans/index.ts';
import type { BatchConfig, CompiledPlan, LintContext, PlanWarnings } from '../../plans/index.ts';
import { encodePlan } from './plan-text.ts';
import { schemaChecks } from './schema-faults.ts';

/** Plain JSON: it may travel to another process. */
export interface ReadingRequest {
  readonly folder: string;
  readonly config: BatchConfig;
  /** What of the house it is checked against. */
  readonly house: Omit<LintContext, 'config' | 'files' | 'host' | 'schemaFault'>;
}

/** A version of a plan, compiled for the values of one batch. */
export interface PlanReading {
  readonly kind: 'compiled';
  readonly plan: CompiledPlan;
  /** The plan as the store keeps it, byte for byte the same whoever has read it. */
  readonly compiled: string;
  /** Names the folder's content together with the values that the plan was compiled for. */
  readonly digest: string;
  readonly warnings: PlanWarnings;
}

export type ReadingAnswer = PlanReading | NoReading;

type NoReading =
  | { readonly kind: 'missing'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly diagnostics: readonly Diagnostic[] };

/** The last line of what a reading process says; the lines before it are the plan's own. */
export type ReadingOnTheWay = Omit<PlanReading, 'plan'> | NoReading;

export type PlanReader = (request: ReadingRequest) => Promise<ReadingAnswer>;

interface ReadingHelp {
  /** Hears the lines of the plan's text as they are made. */
  readonly tell?: (line: string) => void;
  readonly host?: LintContext['host'] | undefined;
}

/** Reads in this process. */
export async function readPlan(
  { folder, config, house }: ReadingRequest,
  { tell, host }: ReadingHelp = {},
): Promise<ReadingAnswer> {
  const loaded = await loadPlanFolder(folder);
  if (loaded.kind === 'missing') return loaded;
  const { source, files, digest, texts } = loaded;
  const checks = { ...(await schemaChecks(source, texts)), ...(host === undefined ? {} : { host }) };
  const result = compilePlan(parsePlan({ file: 'plan.md', text: source }), { config, ...house, files, ...checks });
  if (result.kind === 'rejected') return result;
  const compiled = encodePlan(result.plan, tell);
  const warnings = warningsOf(result.diagnostics);
  return { kind: 'compiled', plan: result.plan, compiled, digest: versionDigest(digest, compiled), warnings };
}

/** The digest of a folder's content and of the plan that was compiled of it. */
export function versionDigest(folderDigest: string, compiled: string): string {
  return createHash('sha256').update(`${folderDigest}\n${compiled}`).digest('hex');
}
