/**
 * Verdicts on commands that come again and again, e.g. once for each item. Kept are those of plain words, whose meaning
 * no variable, link or folder can change; everything else is judged anew.
 */

import { judge } from './judge.ts';
import type { Verdict } from './judge.ts';
import type { Case } from './case.ts';
import type { Policy } from './policy.ts';

/** Nothing in it is quoted, expanded, redirected or joined. */
const PLAIN = /^[A-Za-z0-9_@%+:,./=\- \t]{1,500}$/;
const MOST_KEPT = 2_000;

type Judge = typeof judge;

/** Judges as `judge` does. A policy is known by its identity: one that has been read again is another. */
export function createRecurringJudge(judgeAnew: Judge = judge): Judge {
  const kept = new WeakMap<Policy, Map<string, Verdict>>();
  const keptFor = (policy: Policy): Map<string, Verdict> => {
    const known = kept.get(policy) ?? new Map<string, Verdict>();
    kept.set(policy, known);
    return known;
  };
  return (text, policy, at) => {
    if (at.approved.length > 0 || !PLAIN.test(text)) return judgeAnew(text, policy, at);
    const verdicts = keptFor(policy);
    const key = JSON.stringify([text, at.cwd, at.keep]);
    const known = verdicts.get(key);
    if (known !== undefined) return known;
    const { verdict, looked } = judgeWatched(judgeAnew, text, policy, at);
    if (looked) return verdict;
    if (verdicts.size >= MOST_KEPT) verdicts.clear();
    verdicts.set(key, verdict);
    return verdict;
  };
}

/** `looked`: at the file system, which may say something else next time. */
function judgeWatched(judgeAnew: Judge, text: string, policy: Policy, at: Case): { verdict: Verdict; looked: boolean } {
  let looked = false;
  const realPath = (path: string): string => {
    looked = true;
    return at.realPath(path);
  };
  const verdict = judgeAnew(text, policy, { ...at, realPath });
  return { verdict, looked };
}
