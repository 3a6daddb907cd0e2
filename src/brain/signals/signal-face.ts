/** Signals of people, as the brain's callers reach them. */

import { AppError } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Brain } from '../brain-api.ts';
import type { SignalResult } from './signals.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import type { Views } from '../views.ts';

type SignalFace = Pick<Brain, 'signalTask' | 'signalDevice'>;

export function createSignalFace({ views, loop }: { readonly views: Views; readonly loop: TurnLoop }): SignalFace {
  return {
    async signalTask(batchId, task, signal) {
      // What is unknown is told as such before anything is posted.
      await views.showTask(batchId, task);
      refuse(
        await loop.ask<SignalResult>((reply) => ({ kind: 'signal-task', batchId, task, signal, reply })),
        `${batchId}/${task}`,
      );
      return views.showTask(batchId, task);
    },
    signalDevice: (host, device, signal) =>
      loop.ask<number>((reply) => ({ kind: 'signal-device', host, device, signal, reply })),
  };
}

/** Throws unless something was done. */
function refuse(result: SignalResult, name: string): void {
  switch (result.kind) {
    case 'told':
    case 'cancelled':
    case 'unknown':
      return;
    case 'ended':
      throw new AppError('TASK_ENDED', `task ${name} has ended`, { hint: `run "drover task show ${name}"` });
    case 'template':
      throw new AppError('INVALID_REQUEST', `${name} only stands for its items`, {
        hint: `signal one of them, or run "drover batch kill ${name.split('/')[0] ?? ''}"`,
      });
    default:
      return assertNever(result);
  }
}
