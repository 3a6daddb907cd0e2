/** When those who wait will begin, as is said to them, and how true that was. */

import type { RequestQueue, Waiting } from '../queue/queue.ts';
import type { Grants, InstanceSlots } from '../slots/grants.ts';
import { ForecastErrors } from './forecast-errors.ts';
import { Places } from './places.ts';
import { startsInMs, withoutFree } from './start-forecast.ts';

/** Where a request stands. */
export interface Standing {
  /** From 1; 0: it does not wait. */
  readonly position: number;
  /** Until it begins; null before anybody knows. */
  readonly startsInMs: number | null;
}

export class StartBook {
  readonly errors = new ForecastErrors();
  readonly #queue: RequestQueue;
  readonly #places: Places;
  readonly #grants: Grants;

  constructor(queue: RequestQueue, grants: Grants) {
    this.#queue = queue;
    this.#places = new Places(queue);
    this.#grants = grants;
  }

  /** `instances`: those that could take it now; of their slots so many free ones are `kept` for others. */
  standing(
    { id, group }: Pick<Waiting, 'id' | 'group'>,
    instances: readonly InstanceSlots[],
    now: number,
    kept = 0,
  ): Standing {
    const position = this.#places.of(id, now);
    const lines = position === 0 ? null : this.#grants.lines(group, instances, now);
    return { position, startsInMs: lines === null ? null : startsInMs(position - 1, withoutFree(lines, kept)) };
  }

  /** It begins to wait: remembers what would be said to it now, of a sample of them. */
  waits(request: Waiting, instances: () => readonly InstanceSlots[], now: number): void {
    if (this.#grants.times.of(request.group) === null) return;
    if (!this.errors.hasRoom) this.errors.retain((id) => this.#queue.has(id));
    if (!this.errors.hasRoom) return;
    const { startsInMs: ms } = this.standing(request, instances(), now);
    if (ms !== null) this.errors.expect(request.id, now + ms);
  }
}
