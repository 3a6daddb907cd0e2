/**
 * Calls to an agent that survive its restart. Every call of the protocol is idempotent, so one that was not answered
 * when the link broke is sent again over the next link of the same host.
 */

import { AppError, isErrorCode } from '../../contract/index.ts';
import type { AgentCall, AgentFrame, ControllerFrame } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';

interface PendingCall {
  readonly id: number;
  readonly call: AgentCall;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
}

export interface CallOptions {
  /** After this the caller gets TIMEOUT; the agent goes on. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** An agent that crashed is back in seconds; one that is not back by then is told as missing. */
export const AGENT_WAIT_MS = 20_000;

export interface Calls {
  /** Resolves with the agent's answer; rejects with the agent's AppError, AGENT_UNAVAILABLE, TIMEOUT or ABORTED. */
  call(call: AgentCall, options: CallOptions): Promise<unknown>;
  /** The link is up (again): everything unanswered goes out. */
  resend(send: (frame: ControllerFrame) => void): void;
  linkDown(): void;
  answer(frame: Extract<AgentFrame, { kind: 'reply' | 'fail' }>): void;
}

export function createCalls(host: string, clock: Clock): Calls {
  const pending = new Map<number, PendingCall>();
  let nextId = 1;
  let send: ((frame: ControllerFrame) => void) | null = null;
  let patience: Disposable | null = null;

  /** Without a link the waiting calls end after a while; a link ends the waiting. */
  function waitForLink(): void {
    if (send !== null || patience !== null) return;
    patience = clock.after(AGENT_WAIT_MS, () => {
      patience = null;
      for (const waiting of pending.values()) waiting.reject(notConnected(host));
    });
  }

  return {
    call(call, { timeoutMs, signal }) {
      const id = nextId++;
      return new Promise((resolve, reject) => {
        const finish = (end: () => void): void => {
          pending.delete(id);
          timer[Symbol.dispose]();
          signal?.removeEventListener('abort', onAbort);
          end();
        };
        const onAbort = (): void => finish(() => reject(new AppError('ABORTED', `the caller of ${call.op} went away`)));
        const timer = clock.after(timeoutMs, () => finish(() => reject(timedOut(call, timeoutMs))));
        pending.set(id, {
          id,
          call,
          resolve: (value) => finish(() => resolve(value)),
          reject: (error) => finish(() => reject(error)),
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        send?.({ kind: 'call', id, call });
        waitForLink();
      });
    },
    resend(over) {
      send = over;
      patience?.[Symbol.dispose]();
      patience = null;
      for (const { id, call } of pending.values()) over({ kind: 'call', id, call });
    },
    linkDown() {
      send = null;
      if (pending.size > 0) waitForLink();
    },
    answer(frame) {
      const waiting = pending.get(frame.id);
      if (frame.kind === 'reply') waiting?.resolve(frame.value);
      else waiting?.reject(fromWire(frame.error));
    },
  };
}

function timedOut(call: AgentCall, timeoutMs: number): AppError {
  const what = 'name' in call ? `${call.op} ${call.name}` : call.op;
  return new AppError('TIMEOUT', `${what} took longer than ${timeoutMs} ms`, { hint: 'it goes on; run "drover ps"' });
}

function notConnected(host: string): AppError {
  return new AppError('AGENT_UNAVAILABLE', `the agent of ${host} is not connected`, {
    hint: 'run "drover daemon status" and "drover daemon logs"',
  });
}

function fromWire(error: { code: string; message: string; hint: string | null }): AppError {
  return new AppError(
    isErrorCode(error.code) ? error.code : 'INTERNAL',
    error.message,
    error.hint === null ? {} : { hint: error.hint },
  );
}
