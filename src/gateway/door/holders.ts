/** Holders of keys at the gateway: which models they see, and that they keep to their limits. */

import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import type { ModelDirectory, Usage } from '../types.ts';
import { KeyMeter } from './key-meter.ts';
import type { Entry, KeyLimits } from './key-meter.ts';

/** Who asks, as the door has found out. */
export interface Holder extends KeyLimits {
  /** Fair shares are counted by it, and requests belong to it. Never the secret itself. */
  readonly owner: string;
  /** Names that may be asked for, `*` at the end for any ending; null: all. */
  readonly models: readonly string[] | null;
}

/** A request of a holder that was let in. */
interface Permit {
  /** It has ended, with what it used; null: as estimated. */
  end(usage: Usage | null): void;
}

type Admittance =
  | { readonly kind: 'let-in'; readonly permit: Permit }
  | { readonly kind: 'refused'; readonly error: AppError };

export interface Holders {
  /** `tokens` is an estimate, in and out. */
  enter(holder: Holder | null, model: string, tokens: number): Admittance;
}

const UNLIMITED: Permit = { end: () => {} };

export function createHolders({ clock }: { readonly clock: Clock }): Holders {
  const meters = new Map<string, KeyMeter>();

  function meterOf(owner: string): KeyMeter {
    const meter = meters.get(owner) ?? new KeyMeter();
    meters.set(owner, meter);
    return meter;
  }

  return {
    enter(holder, model, tokens) {
      if (holder === null) return { kind: 'let-in', permit: UNLIMITED };
      if (!mayAsk(holder.models, model)) return { kind: 'refused', error: notForKey(model) };
      const meter = meterOf(holder.owner);
      const from = clock.monotonic();
      const entry = meter.enter(from, tokens, holder);
      if (entry.kind === 'limited') return { kind: 'refused', error: limited(holder, entry) };
      const end = (usage: Usage | null): void =>
        meter.leave(from, clock.monotonic(), usage === null ? 0 : usage.tokensIn + usage.tokensOut - tokens);
      return { kind: 'let-in', permit: { end } };
    },
  };
}

export function mayAsk(models: Holder['models'], name: string): boolean {
  return models === null || models.some((known) => matches(known, name));
}

function matches(known: string, name: string): boolean {
  return known.endsWith('*') ? name.startsWith(known.slice(0, -1)) : name === known;
}

/** The directory as a holder sees it. */
export function visibleModels(directory: ModelDirectory, holder: Holder | null): ModelDirectory {
  const models = holder?.models ?? null;
  if (models === null) return directory;
  return {
    resolve: (name) => (mayAsk(models, name) ? directory.resolve(name) : null),
    list: () => directory.list().filter(({ name }) => mayAsk(models, name)),
    model: (id) => directory.model(id),
    lacking: (name) => (mayAsk(models, name) ? directory.lacking(name) : null),
  };
}

function notForKey(model: string): AppError {
  return new AppError('FORBIDDEN', `this key may not ask for "${model.slice(0, 200)}"`, {
    hint: 'GET /v1/models lists what it may ask for',
  });
}

const SAID = {
  rpm: 'requests in a minute',
  tpm: 'tokens in a minute',
  concurrency: 'requests at the same time',
} as const;

function limited(holder: Holder, { by, retryAfterMs }: Extract<Entry, { kind: 'limited' }>): AppError {
  return new AppError('RATE_LIMITED', `this key may have ${holder[by] ?? 0} ${SAID[by]}`, {
    hint: `try again in ${Math.ceil(retryAfterMs / 1_000)} s`,
    detail: { limit: by, retry_after_ms: Math.ceil(retryAfterMs) },
  });
}
