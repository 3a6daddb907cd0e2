/**
 * What was posted to the brain and no turn has taken yet. Says when one is due: at once, when the patience of what waits is
 * over, or a while after the store has refused what must not be lost.
 */

import { AppError } from '../../contract/index.ts';
import { Alarm } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { Message } from './messages.ts';

interface PostedDeps {
  readonly clock: Clock;
  /** Of the message that was posted last, in milliseconds; 0: its turn is due. */
  readonly patienceFor: (message: Message, posted: readonly Message[]) => number;
  readonly onDue: () => void;
}

export interface Posted {
  add(message: Message): void;
  /** All that waits, for the turn that is due. */
  take(): readonly Message[];
  /** No turn could be stored with them: who asked is told, and what was only told comes again later. */
  putOff(messages: readonly Message[], error: unknown): void;
  /** Refuses what comes from now on. */
  close(): void;
  /** Refuses what no turn has taken. */
  refuseRest(): void;
}

/** Before a message that the store would not take is tried again. */
export const STORE_RETRY_MS = 1_000;

export function createPosted({ clock, patienceFor, onDue }: PostedDeps): Posted {
  let waiting: Message[] = [];
  let refused: Message[] = [];
  let isClosed = false;
  const patience = new Alarm(clock, onDue);
  const again = new Alarm(clock, () => {
    waiting.push(...refused.splice(0));
    onDue();
  });

  return {
    add(message) {
      if (isClosed) return refuse(message);
      waiting.push(message);
      const ms = patienceFor(message, waiting);
      if (ms === 0) onDue();
      else patience.ringWithin(ms);
    },
    take() {
      patience.stop();
      const taken = waiting;
      waiting = [];
      return taken;
    },
    putOff(messages, error) {
      for (const message of messages) {
        if (isAsked(message)) message.reply.reject(error);
        else if (isClosed) refuse(message);
        else if (message.kind !== 'look' || !refused.some(({ kind }) => kind === 'look')) refused.push(message);
      }
      if (refused.length > 0) again.ringWithin(STORE_RETRY_MS);
    },
    close() {
      isClosed = true;
      again.stop();
    },
    refuseRest() {
      patience.stop();
      for (const message of [...refused.splice(0), ...waiting.splice(0)]) refuse(message);
    },
  };
}

const ASKED = ['admit', 'kill', 'course', 'answer', 'signal-task', 'signal-device', 'recover'] as const;
type AskedKind = (typeof ASKED)[number];

/** What somebody waits for and may ask again; a report is told to us once, so it is kept until the store takes it. */
function isAsked(message: Message): message is Extract<Message, { kind: AskedKind }> {
  return ASKED.some((kind) => kind === message.kind);
}

function refuse(message: Message): void {
  if ('reply' in message) message.reply.reject(new AppError('ABORTED', 'the controller is going down'));
}
