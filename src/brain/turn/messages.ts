/** What is posted to the brain. No behaviour. */

import type { AttemptRef, FailureClass, Outcome } from '../../contract/index.ts';
import type { SlotLease } from '../../gateway/index.ts';
import type { Admission, AdmissionResult } from '../submission/admission.ts';
import type { HostState } from '../book.ts';
import type { CacheVerdict } from '../cache/result-cache.ts';
import type { Answer, AnswerResult } from '../escalations/answers.ts';
import type { DoneWork } from '../evaluation/done-work.ts';
import type { Judgement } from '../evaluation/judgement.ts';
import type { Proposal } from '../incidents/question.ts';
import type { AgentHello, DeclinedReport, HelloAnswer, StartedReport } from '../ports.ts';
import type { ReadList } from '../templates/read-list.ts';
import type { PersonSignal, SignalResult } from '../signals/signals.ts';
import type { CourseOrder, CourseRefusal } from '../course/apply-course.ts';

/** How a model call of ours ended. */
export type CallEnd =
  | {
      readonly kind: 'answered';
      readonly device: string;
      readonly startedAt: number;
      readonly endedAt: number;
      readonly tokensIn: number;
      readonly tokensOut: number;
      /** Of a decide task. */
      readonly answer?: string;
    }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly reason: string;
      readonly endedAt: number;
      readonly retryAfterMs?: number;
    };

/** Settles once the turn that applied the message has committed, or could not. */
export interface Reply<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export type Message =
  | { readonly kind: 'admit'; readonly admission: Admission; readonly reply: Reply<AdmissionResult> }
  | { readonly kind: 'kill'; readonly batchId: string; readonly reply: Reply<void> }
  | {
      readonly kind: 'hello';
      readonly hello: AgentHello;
      /** Made at its arrival; settled by its turn. */
      readonly host: HostState;
      readonly reply: Reply<HelloAnswer>;
    }
  | { readonly kind: 'started'; readonly host: string; readonly report: StartedReport }
  | { readonly kind: 'declined'; readonly host: string; readonly report: DeclinedReport }
  | {
      readonly kind: 'outcomes';
      readonly host: string;
      readonly outcomes: readonly Outcome[];
      readonly reply: Reply<AttemptRef[]>;
    }
  | {
      readonly kind: 'agent-lost';
      readonly host: string;
      /** As it was when it was lost; undefined when it never said hello. */
      readonly state: HostState | undefined;
      readonly reply: Reply<void>;
    }
  | { readonly kind: 'slot'; readonly id: number; readonly slot: SlotLease; readonly reply: Reply<void> }
  | { readonly kind: 'no-slot'; readonly id: number }
  | { readonly kind: 'called'; readonly id: number; readonly no: number; readonly end: CallEnd }
  | {
      readonly kind: 'judged';
      readonly id: number;
      readonly no: number;
      readonly work: DoneWork;
      readonly judgement: Judgement;
    }
  | { readonly kind: 'list'; readonly id: number; readonly no: number; readonly list: ReadList }
  | {
      readonly kind: 'signal-task';
      readonly batchId: string;
      readonly task: string;
      readonly signal: PersonSignal;
      readonly reply: Reply<SignalResult>;
    }
  | {
      readonly kind: 'signal-device';
      readonly host: string;
      readonly device: string;
      readonly signal: 'abort' | 'kill';
      readonly reply: Reply<number>;
    }
  | { readonly kind: 'proposed'; readonly incident: number; readonly proposal: Proposal }
  | { readonly kind: 'answer'; readonly id: number; readonly given: Answer; readonly reply: Reply<AnswerResult> }
  | { readonly kind: 'checked'; readonly verdicts: readonly CacheVerdict[] }
  | { readonly kind: 'course'; readonly order: CourseOrder; readonly reply: Reply<CourseRefusal> }
  /** The first turn of a life. */
  | { readonly kind: 'recover'; readonly reply: Reply<void> }
  | { readonly kind: 'devices'; readonly host: string }
  /** Something outside has changed, or a backoff is over: look again at what can go. */
  | { readonly kind: 'look' };
