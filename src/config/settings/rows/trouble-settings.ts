/** Settings for work that goes wrong: when it counts as stuck, who repairs it, and who is told and asked. */

import { duration, freeText, oneOf, truth, webAddress } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface TroubleSettings {
  readonly stuckAfterMs: number;
  readonly stuckStepMs: number;
  readonly repair: 'off' | 'suggest' | 'auto';
  /** Null: none. */
  readonly escalationWebhook: string | null;
  /** Null: none. */
  readonly escalationCommand: string | null;
  /** Null: no model is asked. */
  readonly escalationModelUrl: string | null;
  readonly escalationModel: string | null;
  readonly escalationModelKey: string | null;
  readonly escalationModelAnswers: boolean;
}

export const TROUBLE_SETTINGS: SettingTable<TroubleSettings> = {
  stuckAfterMs: {
    key: 'stuck_after',
    kind: duration,
    about: 'Silence after which a running task counts as stuck, where its plan does not say.',
    counts: 'live',
    fallback: () => 1_200_000,
  },
  stuckStepMs: {
    key: 'stuck_step',
    kind: duration,
    about: 'From one step against a stuck task to the next: abort, kill, a person.',
    counts: 'live',
    fallback: () => 120_000,
  },
  repair: {
    key: 'repair',
    kind: oneOf(['off', 'suggest', 'auto']),
    about:
      "What becomes of a patch that the brain's model proposes: none is asked for, it waits for a yes, or it is tried.",
    counts: 'live',
    fallback: () => 'suggest',
  },
  escalationWebhook: {
    key: 'escalation_webhook',
    kind: webAddress,
    about: 'Where escalations are posted as JSON, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationCommand: {
    key: 'escalation_command',
    kind: freeText,
    about: 'A bash command that is run for each escalation, with its JSON on stdin, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModelUrl: {
    key: 'escalation_model_url',
    kind: webAddress,
    about: 'An Anthropic-compatible server (its /v1/messages is called) that is asked about each escalation, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModel: {
    key: 'escalation_model',
    kind: freeText,
    about: 'Name of the model that is asked there.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModelKey: {
    key: 'escalation_model_key',
    kind: freeText,
    about: "Name of the variable in the daemon's environment that holds the key for it.",
    counts: 'live',
    fallback: () => 'ANTHROPIC_API_KEY',
  },
  escalationModelAnswers: {
    key: 'escalation_model_answers',
    kind: truth,
    about: 'Does what that model says count as the answer? Else it is kept as a suggestion.',
    counts: 'live',
    fallback: () => false,
  },
};
