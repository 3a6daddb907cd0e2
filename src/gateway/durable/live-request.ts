/**
 * One durable request while it is open: relayed by the gateway like any other, its answer in a log for readers, its end
 * written down before it is told. Nobody else ends its row.
 */

import { AppError } from '../../contract/errors.ts';
import { subject } from '../../contract/index.ts';
import type { InferenceTaskState } from '../../contract/index.ts';
import { endDurableRequest, noteTold, noteTurn } from '../../store/index.ts';
import type { DurableEnding, DurableRecord, Tx } from '../../store/index.ts';
import type { Holder } from '../door/holders.ts';
import type { Wait } from '../protocols/call.ts';
import type { DurableDeps } from './durable-deps.ts';
import { endingOf, lastEventOf } from './ending.ts';
import type { LastEvent } from './ending.ts';
import { EventLog, keptOf } from './event-log.ts';
import { isGenerated, taskCall } from './task-call.ts';
import { TaskSink } from './task-sink.ts';
import type { TaskOutcome } from './task-sink.ts';

interface LiveDeps extends DurableDeps {
  /** The controller goes down: what is open is the next one's. */
  readonly isClosing: () => boolean;
}

type Admission = { readonly kind: 'admitted' } | { readonly kind: 'refused'; readonly error: AppError };

/** When a full queue does not say when to come back. */
const AGAIN_MS = 1_000;

export class LiveRequest {
  readonly log: EventLog;
  readonly record: DurableRecord;
  /** Resolves when its end is written down and told; never when the controller goes before. */
  readonly ended: Promise<void>;
  readonly #deps: LiveDeps;
  readonly #stop = new AbortController();
  /** Monotonic. */
  readonly #acceptedAt: number;
  #sink: TaskSink;
  #isAdmitted = false;
  #position = 0;
  #isEnding = false;
  #telling: Promise<void> | null = null;
  #isTold: boolean;
  #resolveEnded: () => void = () => {};

  constructor(record: DurableRecord, deps: LiveDeps) {
    this.record = record;
    this.log = new EventLog(record.lives);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#deps = deps;
    this.#isTold = record.told;
    this.#acceptedAt = deps.clock.monotonic() - Math.max(0, deps.clock.now() - record.acceptedAt);
    this.#sink = this.#newSink();
  }

  get state(): InferenceTaskState {
    if (this.#sink.tokens > 0) return 'streaming';
    return this.#sink.instance === null || this.wait().position > 0 ? 'queued' : 'dispatched';
  }

  /** Where it runs or ran last; null before. */
  get instance(): string | null {
    return this.#sink.instance;
  }

  get tokensOut(): number {
    return this.#sink.tokens;
  }

  get isTold(): boolean {
    return this.#isTold;
  }

  wait(): Wait {
    return this.#deps.gateway.waitOf(this.record.id);
  }

  /** Resolves when it waits or runs, or when it may not even wait: then nothing is written and nothing told. */
  begin(holder: Holder | null): Promise<Admission> {
    return new Promise((resolve) => {
      const onAdmitted = (): void => {
        this.#isAdmitted = true;
        this.look();
        resolve({ kind: 'admitted' });
      };
      void this.#relay(holder, onAdmitted).then((outcome) => {
        if (this.#isAdmitted || outcome.kind === 'done') return this.#settle(outcome);
        resolve({ kind: 'refused', error: outcome.error });
      });
    });
  }

  /** For one that was accepted in an earlier life: a full queue is waited for. Resolves when it waits, runs or has ended. */
  async resume(): Promise<void> {
    for (;;) {
      const admission = await this.begin(null);
      if (admission.kind === 'admitted') return;
      if (admission.error.code !== 'QUEUE_FULL') return this.conclude(admission.error);
      const ms = admission.error.detail?.['retry_after_ms'];
      await this.#deps.clock.sleep(typeof ms === 'number' ? ms : AGAIN_MS, this.#stop.signal).catch(() => {});
    }
  }

  /** Tells where it stands when that has changed. */
  look(): void {
    const { position, etaMs } = this.wait();
    const isFirst = this.log.events.length === 0;
    if (!this.#isAdmitted || (!isFirst && (position === this.#position || position === 0))) return;
    this.#position = position;
    this.log.append('queued', { position, predicted_start_ms: etaMs });
  }

  /** Resolves when it is written down that a part of the answer is known outside; before that nobody may be told. */
  tell(): Promise<void> {
    this.#telling ??= this.#deps.store
      .write((tx) => noteTold(tx, this.record.id))
      .then(() => void (this.#isTold = true))
      .finally(() => (this.#telling = null));
    return this.#telling;
  }

  /** Nothing of the answer is told from now on. False when it is ending already, its own way. */
  cancel(error: AppError): boolean {
    if (this.#isEnding) return false;
    this.log.dropAnswer();
    this.#stop.abort(error);
    return true;
  }

  /** Ends one that does not run. */
  conclude(error: AppError): Promise<void> {
    return this.#settle({ kind: 'failed', error });
  }

  async #relay(holder: Holder | null, onAdmitted: () => void): Promise<TaskOutcome> {
    const { id, owner, model, ask, face, deadlineAt } = this.record;
    if (ask === null) return { kind: 'failed', error: new AppError('INTERNAL', `task ${id} has ended before`) };
    this.#sink = this.#newSink();
    const call = taskCall(ask, face);
    await this.#deps.gateway.relay(
      {
        face: {
          id,
          key: owner,
          class: face.priority,
          model,
          endpoint: '/v2/tasks',
          stream: call.stream,
          traceparent: null,
        },
        call,
        bodyBytes: call.body.length,
        holder,
        deadlineMs: deadlineAt === null ? null : Math.max(0, deadlineAt - this.#deps.clock.now()),
        hints: call.hints,
        onAdmitted,
      },
      this.#sink,
      this.#stop,
    );
    return this.#sink.outcome;
  }

  #newSink(): TaskSink {
    const isGeneratedText = isGenerated(this.record.face.workload);
    const { clock } = this.#deps;
    return new TaskSink({ log: this.log, clock, acceptedAt: this.#acceptedAt, isGenerated: isGeneratedText });
  }

  /** What cannot be written down is told all the same: only the next controller will see it differently. */
  async #settle(outcome: TaskOutcome): Promise<void> {
    if (this.#deps.isClosing()) return;
    this.#isEnding = true;
    const last = lastEventOf(outcome, this.record.face.seed);
    try {
      await this.#deps.store.write((tx) => this.#writeEnd(tx, outcome, last));
    } catch (error) {
      this.#deps.log.error({ err: error, task: this.record.id }, 'the end of a task could not be written down');
    }
    this.log.append(last.event, last.data);
    this.#resolveEnded();
  }

  async #writeEnd(tx: Tx, outcome: TaskOutcome, last: LastEvent): Promise<void> {
    const { id, owner, session, face } = this.record;
    const used = outcome.kind === 'done' ? outcome.totals : { tokensIn: 0, tokensOut: this.#sink.tokens };
    const events = keptOf([...this.log.events, this.log.next(last.event, last.data)], face.retention);
    const { tokensIn, tokensOut } = used;
    const end: DurableEnding = { ...endingOf(outcome), instance: this.instance, tokensIn, tokensOut, events };
    if (!(await endDurableRequest(tx, id, end))) return;
    const { ending, code, instance } = end;
    const data = { ending, code, instance, tokens_in: tokensIn, tokens_out: tokensOut };
    tx.record({ type: 'request.ended', subject: subject.request(id), data });
    if (session === null) return;
    await noteTurn(
      tx,
      { owner, id: session },
      { turns: 0, tokens: tokensIn + tokensOut, ms: Math.round(this.#sink.slotMs) },
    );
  }
}
