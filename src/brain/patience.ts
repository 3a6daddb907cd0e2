/**
 * How long a turn may wait for more of what is going on, so that it shares one commit. Waiting costs nothing while the
 * agent has granted work in reserve; when it would run dry, or when somebody waits for an answer, the turn is at once.
 */

import type { Book } from './book.ts';
import { coresOf } from './dispatch.ts';
import type { Message } from './messages.ts';
import type { AgentPort } from './ports.ts';
import { holderOf } from './task-state.ts';

/** A start is news but not urgent. */
const START_MS = 25;
/** An end whose agent has work for longer than this and the turn after it. */
const END_MS = 10;
const TURN_MS = 10;

export interface Reserve {
  /** Posted and not yet taken. */
  readonly posted: readonly Message[];
  readonly book: Book;
  readonly agents: AgentPort;
}

/** Milliseconds that the message just posted can wait; 0 when its turn is due. */
export function patienceFor(message: Message, reserve: Reserve): number {
  if (message.kind === 'started') return START_MS;
  if (message.kind !== 'outcomes') return 0;
  return reserveMs(message.host, reserve) > END_MS + TURN_MS ? END_MS : 0;
}

/** How long a host is busy with what it was granted and has not started; 0 when that is not known. */
function reserveMs(host: string, { posted, book, agents }: Reserve): number {
  const typicalMs = book.hosts.get(host)?.typicalMs ?? 0;
  const cores = coresOf(agents.devices(host));
  if (typicalMs === 0 || cores === 0) return 0;
  const starts = posted.filter((message) => message.kind === 'started' && message.host === host).length;
  return ((countLeased(book, host) - starts) * typicalMs) / cores;
}

function countLeased(book: Book, host: string): number {
  let leased = 0;
  for (const { task } of book.held.values()) {
    if (task.status.kind === 'leased' && holderOf(task)?.agent === host) leased += 1;
  }
  return leased;
}
