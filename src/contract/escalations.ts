/** What is asked of people and planners above the brain, what is repaired as data, and what attempts are told to do. */

import { z } from 'zod';

/** Why somebody is asked; what an answer does is the table of `brain/escalations/answers.ts`. */
export const ESCALATION_KINDS = [
  /** One task failed on three devices. */
  'failing_task',
  /** A proposed patch waits for a yes. */
  'repair',
  /** A definition that neither rules nor a model could mend. */
  'definition',
  /** The stored plan of a batch cannot be read. */
  'plan',
  /** No agent answers, and work waits. */
  'agents',
  /** A worker that outlives its own kill. */
  'stuck',
  /** A device that its own agent trusts no more. */
  'device',
  /** A command that its policy wants a person to judge. */
  'permission',
] as const;
export type EscalationKind = (typeof ESCALATION_KINDS)[number];

/** `withdrawn`: its cause is gone. */
export const ESCALATION_STATUSES = ['open', 'answered', 'withdrawn'] as const;
export type EscalationStatus = (typeof ESCALATION_STATUSES)[number];

export const ESCALATION_HOOKS = ['webhook', 'command', 'model'] as const;
export type EscalationHook = (typeof ESCALATION_HOOKS)[number];

/** `proposing`: a model is asked. `proposed`: waits for an answer. `canary`: one task tries it. */
export const INCIDENT_STATES = ['proposing', 'proposed', 'canary', 'resolved', 'unfixable'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** `stop`: finish, and no further try. `manual`: neither abort nor kill ended it, a person is asked. */
export const SIGNAL_LEVELS = ['stop', 'abort', 'kill', 'manual'] as const;
export type SignalLevel = (typeof SIGNAL_LEVELS)[number];

const deliveryViewSchema = z
  .object({
    hook: z.enum(ESCALATION_HOOKS),
    delivered_at: z.iso.datetime().nullable().describe('Null while it waits.'),
    tries: z.number(),
    error: z.string().nullable().describe('Of the last try that failed.'),
  })
  .readonly();

export const escalationViewSchema = z
  .object({
    id: z.number(),
    kind: z.enum(ESCALATION_KINDS),
    status: z.enum(ESCALATION_STATUSES),
    batch_id: z.string().nullable(),
    task: z.string().nullable(),
    question: z.string(),
    choices: z.array(z.string()).readonly(),
    detail: z.record(z.string(), z.unknown()),
    answer: z.string().nullable(),
    answered_by: z.string().nullable(),
    suggestion: z.string().nullable().describe('What the model that was asked directly has said.'),
    opened_at: z.iso.datetime(),
    closed_at: z.iso.datetime().nullable(),
    deliveries: z.array(deliveryViewSchema).readonly().describe('To the hooks of the settings.'),
  })
  .readonly()
  .meta({ id: 'Escalation' });
export type EscalationView = z.output<typeof escalationViewSchema>;

export const escalationAnswerSchema = z.strictObject({
  /** One of its choices. */
  answer: z.string().min(1).max(2_000),
  by: z.string().min(1).max(200).default('operator'),
});
export type EscalationAnswer = z.output<typeof escalationAnswerSchema>;
