/** What people did to a batch while it ran, told from its facts. Pure. */

import type { Fact } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';

type Teller = (data: never, task: string) => string;

/** By type of fact; each says what was done, to the batch or to a task of it. */
const TELLERS: Readonly<Record<string, Teller>> = {
  'batch.cancel_requested': () => 'killed',
  'batch.paused': () => 'paused',
  'batch.resumed': () => 'resumed',
  'batch.retried': () => 'retried',
  'task.signalled': ({ signal }: { readonly signal: string }, task) => `${task} told to ${signal}`,
  'task.unparked': ({ because }: { readonly because: string }, task) => `${task} let go on: ${because}`,
  'plan.edited': () => 'the plan folder was edited; the batch goes by what it was',
};

/** Null for a fact that tells of none. */
export function interventionOf({ type, at, subject, data }: Fact): string | null {
  const tell = TELLERS[type];
  if (tell === undefined) return null;
  // The table is keyed by the type that decides the data.
  return `${isoTime(at)} ${tell(data as never, subject.slice(subject.indexOf('/') + 1))}`;
}
