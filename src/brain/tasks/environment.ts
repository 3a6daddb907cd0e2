import type { SlotLease } from '../../gateway/index.ts';
/** The environment of a shell attempt: what the submitter had, what the plan says, and what only this attempt knows. */

import type { ActiveBatch } from '../active-batch.ts';

/** What passes from the submitting shell; the daemon's own stands in where it said nothing. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TMPDIR', 'VIRTUAL_ENV'] as const;

type Environment = Readonly<Record<string, string>>;

/** Of all that a caller sent, only what is passed on; an empty value counts as unset. */
export function inheritedFrom(
  submitted: Environment,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const said = INHERITED.some((name) => name in submitted);
  const source = said ? submitted : own;
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = source[name];
      return value === undefined || value === '' ? [] : [[name, value]];
    }),
  );
}

/** `rendered` holds the plan's `env` and the `DROVER_*` values that the plan knows. */
export function attemptEnvironment(
  batch: ActiveBatch,
  rendered: Environment,
  attempt: number,
  slot: SlotLease | null,
): Record<string, string> {
  return { ...batch.env, ...rendered, ...slotEnvironment(slot), DROVER_ATTEMPT: String(attempt) };
}

function slotEnvironment(slot: SlotLease | null): Environment {
  if (!slot) return {};
  return {
    DROVER_LLM_URL: slot.url,
    OPENAI_BASE_URL: slot.url,
    OPENAI_API_KEY: slot.token,
    DROVER_MODEL: slot.model,
    DROVER_INSTANCE: slot.instance,
  };
}
