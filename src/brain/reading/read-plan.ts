/**
 * From a plan folder to what a batch of it runs: read, checked and compiled, with the text and the digest that the store
 * keeps it under. It makes nothing.
 */

import { createHash } from 'node:crypto';

import type { Diagnostic } from '../../contract/index.ts';
import { compilePlan, loadPlanFolder, parsePlan } from '../../plans/index.ts';
import type { BatchConfig, CompiledPlan, LintContext } from '../../plans/index.ts';
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
}

export type ReadingAnswer = PlanReading | NoReading;

type NoReading =
  | { readonly kind: 'missing'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly diagnostics: readonly Diagnostic[] };

/** The last line of what a reading process says; the lines before it are the plan's own. */
export type ReadingOnTheWay = Omit<PlanReading, 'plan'> | NoReading;

export type PlanReader = (request: ReadingRequest) => Promise<ReadingAnswer>;

/** Reads in this process; the lines of the plan's text are told to `tell` as they are made. */
export async function readPlan(
  { folder, config, house }: ReadingRequest,
  tell?: (line: string) => void,
): Promise<ReadingAnswer> {
  const loaded = await loadPlanFolder(folder);
  if (loaded.kind === 'missing') return loaded;
  const { source, files, digest, texts } = loaded;
  const checks = await schemaChecks(source, texts);
  const result = compilePlan(parsePlan({ file: 'plan.md', text: source }), { config, ...house, files, ...checks });
  if (result.kind === 'rejected') return result;
  const compiled = encodePlan(result.plan, tell);
  return { kind: 'compiled', plan: result.plan, compiled, digest: versionDigest(digest, compiled) };
}

/** The digest of a folder's content and of the plan that was compiled of it. */
export function versionDigest(folderDigest: string, compiled: string): string {
  return createHash('sha256').update(`${folderDigest}\n${compiled}`).digest('hex');
}
