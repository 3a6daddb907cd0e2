/**
 * Takes what is posted to the brain turn by turn, each in one write of the store; what is posted while a turn runs is
 * the next one. Owns the book: it is moved along by committed turns only, and made anew after one that was not.
 */

import { Alarm, createMailbox } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import { createBook } from '../book.ts';
import type { Book, SlotWait } from '../book.ts';
import type { Message, Reply } from './messages.ts';
import { patienceFor } from './patience.ts';
import { createPosted, STORE_RETRY_MS } from './posted.ts';
import { loadBook } from './recovery.ts';
import { runTurn } from './run-turn.ts';
import { createTurn } from './turn.ts';
import type { Effect, TurnDeps } from './turn.ts';

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
  /** A turn was undone since the book was made: what it says is not so. */
  let isStale = false;
  const turns = createMailbox<'turn'>(
    () => takePosted(),
    (error) => log.error({ err: error }, 'brain turn failed'),
  );
  const posted = createPosted({
    clock,
    patienceFor: (message, waiting) => patienceFor(message, { posted: waiting, book, agents: deps.agents }),
    onDue: () => turns.post('turn'),
  });
  const alarm = new Alarm(clock, () => posted.add({ kind: 'look' }));

  async function takePosted(): Promise<void> {
    const messages = posted.take();
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
    if (messages.length === 1 || (await isAway())) return posted.putOff(messages, error);
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

  return {
    get book() {
      return book;
    },
    post: (message) => posted.add(message),
    ask: (make) => new Promise((resolve, reject) => posted.add(make({ resolve, reject }))),
    async load(epoch) {
      book = await store.read((db) => loadBook(db, { ...book, epoch }, { inherited: true }));
    },
    async stop() {
      posted.close();
      await turns.idle();
      turns.close();
      posted.refuseRest();
      alarm.stop();
    },
  };
}
