/**
 * How long a turn may wait for more of what is going on, so that it shares one commit. Waiting costs nothing while the
 * agent has granted work in reserve; when it would run dry, or when somebody waits for an answer, the turn is at once.
 */

import type { Book } from '../book.ts';
import { aheadOf, coresOf } from '../dispatch/host-room.ts';
import type { Message } from './messages.ts';
import type { AgentPort } from '../ports.ts';
import { holderOf } from '../tasks/task-state.ts';

/** A start is news but not urgent. */
const START_MS = 25;
/** An end that leaves the agent more than half of what it may be granted ahead. */
const END_MS = 10;

interface Reserve {
  /** Posted and not yet taken. */
  readonly posted: readonly Message[];
  readonly book: Book;
  readonly agents: AgentPort;
}

/** Milliseconds that the message just posted can wait; 0 when its turn is due. */
export function patienceFor(message: Message, reserve: Reserve): number {
  if (message.kind === 'started') return START_MS;
  return message.kind === 'outcomes' && isSupplied(message.host, reserve) ? END_MS : 0;
}

function isSupplied(host: string, { posted, book, agents }: Reserve): boolean {
  const typicalMs = book.hosts.get(host)?.typicalMs ?? null;
  if (typicalMs === null) return false;
  const starts = posted.filter((message) => message.kind === 'started' && message.host === host).length;
  const unstarted = countLeased(book, host) - starts;
  return unstarted > aheadOf(coresOf(agents.devices(host)), typicalMs) / 2;
}

function countLeased(book: Book, host: string): number {
  let leased = 0;
  for (const { task } of book.held.values()) {
    if (task.status.kind === 'leased' && holderOf(task)?.agent === host) leased += 1;
  }
  return leased;
}
