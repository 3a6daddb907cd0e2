/** What to learn from a run, by rules: each rule looks at the figures and says one sentence, or nothing. */

import { formatDuration } from '../../contract/index.ts';
import type { RunSummary } from '../../contract/index.ts';

type Figures = Pick<RunSummary, 'by_step' | 'memory' | 'retries' | 'queue_wait_ms' | 'run_ms'>;

type LessonRule = (figures: Figures) => readonly string[];

/** A step with this part of all run time is worth a sentence. */
const SLOW_SHARE = 0.5;
/** Estimates this much above the peak keep others out. */
const OVERESTIMATE = 2;
const MIB = 1024 * 1024;

const slowestStep: LessonRule = ({ by_step: steps, run_ms: all }) => {
  const [slowest] = steps;
  if (!slowest || steps.length < 2 || all === 0 || slowest.run_ms / all < SLOW_SHARE) return [];
  const percent = Math.round((100 * slowest.run_ms) / all);
  return [`"${slowest.name}" took ${percent} % of all run time (${formatDuration(slowest.run_ms)}); look there first.`];
};

const wastedRetries: LessonRule = ({ retries }) => {
  if (retries.wasted_ms === 0) return [];
  const tries = retries.counted + retries.free;
  return [
    `${formatDuration(retries.wasted_ms)} went into ${tries === 1 ? 'an attempt that was' : `${tries} attempts that were`} tried again.`,
  ];
};

const overestimatedMemory: LessonRule = ({ memory }) =>
  memory
    .filter(({ estimate_bytes: estimate, peak_bytes: peak }) => peak > 0 && estimate > OVERESTIMATE * peak)
    .map(
      ({ step, estimate_bytes: estimate, peak_bytes: peak }) =>
        `"${step}" reserves ${toMb(estimate)} MB and used at most ${toMb(peak)} MB: lower its vram_estimate_mb.`,
    );

const longQueue: LessonRule = ({ queue_wait_ms: waited, run_ms: ran }) =>
  waited > 2 * ran && waited > 60_000
    ? [`Tasks waited ${formatDuration(waited)} for devices and ran ${formatDuration(ran)}: more slots would help.`]
    : [];

const RULES: readonly LessonRule[] = [slowestStep, wastedRetries, overestimatedMemory, longQueue];

export function lessonsOf(figures: Figures): string[] {
  return RULES.flatMap((rule) => rule(figures));
}

function toMb(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
