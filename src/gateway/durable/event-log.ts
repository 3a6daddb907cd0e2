/**
 * What has happened to one durable request, in order, for readers who come, leave and come back. Ids rise by one; each
 * life of the request begins far behind the one before, so that an id of an earlier controller is behind no event of
 * this one. Pure but for waking who waits.
 */

import type { TaskEvent, TaskEventData } from '../../contract/index.ts';

/** What stays: everything but passing measurements. */
type LoggedKind = Exclude<keyof TaskEventData, 'metrics'>;
type Metrics = TaskEvent & { readonly event: 'metrics' };

/** What the model has said. */
const ANSWERS: ReadonlySet<keyof TaskEventData> = new Set(['token', 'result']);
/** More events than one life can have; ids stay whole numbers for two million lives. */
const IDS_PER_LIFE = 2 ** 32;

export class EventLog {
  #events: TaskEvent[] = [];
  #lastId: number;
  #metrics: Metrics | null = null;
  #over = false;
  #muted = false;
  readonly #listeners = new Set<() => void>();

  constructor(lives: number) {
    this.#lastId = lives * IDS_PER_LIFE;
  }

  /** Nothing follows any more. */
  get isOver(): boolean {
    return this.#over;
  }

  get events(): readonly TaskEvent[] {
    return this.#events;
  }

  /** The latest measurement; the same object until there is another. */
  get metrics(): TaskEvent | null {
    return this.#metrics;
  }

  append<Kind extends LoggedKind>(event: Kind, data: TaskEventData[Kind]): void {
    if (this.#over || (this.#muted && ANSWERS.has(event))) return;
    this.#events.push(this.next(event, data));
    this.#lastId++;
    if (event === 'end' || event === 'error') this.#over = true;
    this.#announce();
  }

  /** As it would be logged now. */
  next<Kind extends LoggedKind>(event: Kind, data: TaskEventData[Kind]): TaskEvent {
    return { id: this.#lastId + 1, event, data } as TaskEvent; // the two belong together by the signature
  }

  measure(data: TaskEventData['metrics']): void {
    if (this.#over || this.#muted) return;
    this.#metrics = { id: null, event: 'metrics', data };
    this.#announce();
  }

  /** From now on nothing of the answer is told to anybody, neither what comes nor what has come. */
  dropAnswer(): void {
    this.#muted = true;
    this.#metrics = null;
    this.#events = this.#events.filter(({ event }) => !ANSWERS.has(event));
  }

  /** Events behind the id. */
  after(id: number): readonly TaskEvent[] {
    const from = this.#events.findIndex((event) => (event.id ?? 0) > id);
    return from === -1 ? [] : this.#events.slice(from);
  }

  /** Called after whatever is appended or measured. */
  listen(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #announce(): void {
    for (const listener of this.#listeners) listener();
  }
}

export function isAnswer({ event }: TaskEvent): boolean {
  return ANSWERS.has(event);
}

/** What is kept when the request has ended. */
export function keptOf(events: readonly TaskEvent[], retention: 'full' | 'end'): readonly TaskEvent[] {
  return retention === 'full' ? events : events.filter(({ event }) => event === 'end' || event === 'error');
}

/** The text that the events tell; null when none of it is there. */
export function outputOf(events: readonly TaskEvent[]): string | null {
  const said = events.flatMap((event) =>
    event.event === 'token' && event.data.thought === undefined ? [event.data.t] : [],
  );
  return said.length === 0 ? null : said.join('');
}
