/**
 * Takes what is posted to the brain turn by turn, each in one write of the store; what is posted while a turn runs is
 * the next one. Owns the book: it is moved along by committed turns only, and made anew after one that was not.
 */

import { AppError } from '../../contract/index.ts';
import { Alarm, createMailbox } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import { createBook } from '../book.ts';
import type { Book, SlotWait } from '../book.ts';
import type { Message, Reply } from './messages.ts';
import { patienceFor } from './patience.ts';
import { loadBook } from './recovery.ts';
import { runTurn } from './run-turn.ts';
import { createTurn } from './turn.ts';
import type { Effect, TurnDeps } from './turn.ts';

/** Before a message that the store would not take is tried again. */
const STORE_RETRY_MS = 1_000;

interface TurnLoopDeps extends TurnDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly perform: (effects: readonly Effect[]) => void;
}

export interface TurnLoop {
  readonly book: Book;
  post(message: Message): void;
  /** Posts a message and waits for the turn that applied it. */
  ask<T>(make: (reply: Reply<T>) => Message): Promise<T>;
  /** Makes the book from the store, as at a start. */
  load(epoch: number): Promise<void>;
  /** Waits for the turn that runs; what is asked afterwards is refused with ABORTED. */
  stop(): Promise<void>;
}

export function createTurnLoop(deps: TurnLoopDeps): TurnLoop {
  const { store, clock, log, perform } = deps;
  let book: Book = createBook({
    epoch: 0,
    hosts: new Map(),
    acquiring: new Map<number, SlotWait>(),
    checking: new Set(),
  });
  let posted: Message[] = [];
  /** Told to us once, and not taken by the store: tried again until it is. */
  let putOff: Message[] = [];
  /** A turn was undone since the book was made: what it says is not so. */
  let isStale = false;
  let stopped = false;
  const alarm = new Alarm(clock, () => post({ kind: 'look' }));
  const patience = new Alarm(clock, () => turns.post('turn'));
  const again = new Alarm(clock, () => {
    posted.push(...putOff.splice(0));
    turns.post('turn');
  });
  const turns = createMailbox<'turn'>(
    () => takePosted(),
    (error) => log.error({ err: error }, 'brain turn failed'),
  );

  function post(message: Message): void {
    if (stopped) return refuse(message);
    posted.push(message);
    const ms = patienceFor(message, { posted, book, agents: deps.agents });
    if (ms === 0) turns.post('turn');
    else patience.ringWithin(ms);
  }

  async function takePosted(): Promise<void> {
    const messages = posted;
    posted = [];
    patience.stop();
    if (messages.length === 0) return;
    await take(messages);
    const wake = book.backoff.peek();
    alarm.stop();
    const soonestMs = isStale ? STORE_RETRY_MS : 0;
    if (wake) alarm.ringWithin(Math.max(soonestMs, wake.at - clock.now()));
  }

  async function take(messages: readonly Message[]): Promise<void> {
    let effects: readonly Effect[];
    try {
      if (isStale) await renew();
      effects = await store.write((tx) => decide(tx, messages));
    } catch (error) {
      return undo(error, messages);
    }
    perform(effects);
  }

  async function decide(tx: Parameters<typeof createTurn>[0], messages: readonly Message[]): Promise<Effect[]> {
    const turn = createTurn(tx, book, deps);
    await runTurn(turn, messages);
    return turn.effects;
  }

  async function renew(): Promise<void> {
    book = await store.read((db) => loadBook(db, book, { inherited: false }));
    isStale = false;
  }

  /** The store has nothing of the turn, so the book must not either. One bad message must not spoil the others. */
  async function undo(error: unknown, messages: readonly Message[]): Promise<void> {
    log.error({ err: error, messages: messages.map(({ kind }) => kind) }, 'brain turn undone');
    isStale = true;
    if (messages.length === 1 || (await isAway())) return tryAgainLater(messages, error);
    for (const message of messages) await take([message]);
  }

  /** Then none of the messages is to blame. */
  async function isAway(): Promise<boolean> {
    try {
      await renew();
      return false;
    } catch {
      return true;
    }
  }

  /** What people ask they may ask again; a report is told to us once, so it is kept until the store takes it. */
  function tryAgainLater(messages: readonly Message[], error: unknown): void {
    for (const message of messages) {
      if (isAsked(message)) message.reply.reject(error);
      else if (message.kind !== 'look' || !putOff.some(({ kind }) => kind === 'look')) putOff.push(message);
    }
    if (putOff.length > 0) again.ringWithin(STORE_RETRY_MS);
  }

  return {
    get book() {
      return book;
    },
    post,
    ask: (make) => new Promise((resolve, reject) => post(make({ resolve, reject }))),
    async load(epoch) {
      book = await store.read((db) => loadBook(db, { ...book, epoch }, { inherited: true }));
    },
    async stop() {
      stopped = true;
      await turns.idle();
      turns.close();
      for (const message of [...putOff.splice(0), ...posted.splice(0)]) refuse(message);
      for (const waiting of [alarm, patience, again]) waiting.stop();
    },
  };
}

const ASKED = ['admit', 'kill', 'course', 'answer', 'signal-task', 'signal-device', 'recover'] as const;
type AskedKind = (typeof ASKED)[number];

/** What somebody waits for and may ask again. */
function isAsked(message: Message): message is Extract<Message, { kind: AskedKind }> {
  return ASKED.some((kind) => kind === message.kind);
}

function refuse(message: Message): void {
  if ('reply' in message) message.reply.reject(new AppError('ABORTED', 'the controller is going down'));
}
