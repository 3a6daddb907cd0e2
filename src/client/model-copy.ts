/**
 * Carries a model from one controller to another, piece by piece, through the process that asks for it: neither needs to
 * reach the other. What one end has is asked anew after each cut, so it goes on where it stopped, today or tomorrow.
 */

import { AppError } from '../contract/errors.ts';
import type { ModelPiece, ModelView, OfferView } from '../contract/models.ts';
import { acrossCuts } from './streams/across-cuts.ts';
import type { CutPorts } from './streams/across-cuts.ts';
import type { ModelClient } from './nouns/model-client.ts';

export interface CopyProgress {
  readonly phase: 'downloading' | 'verifying';
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface ModelCopy extends Pick<CutPorts, 'wait' | 'signal'> {
  readonly id: string;
  readonly from: Pick<ModelClient, 'offerOfModel' | 'modelBytes'>;
  readonly to: Pick<ModelClient, 'offerModel' | 'sendModelBytes'>;
  /** In the place of another model of that id. */
  readonly replace: boolean;
  readonly onProgress: (progress: CopyProgress) => void;
}

export interface Copied {
  /** `present`: nothing was left to do. */
  readonly kind: 'present' | 'arrived';
  readonly model: ModelView;
}

/** Null when the signal ended it. Rejects with what either controller refuses, or with the cut that lasts. */
export async function copyModel(copy: ModelCopy): Promise<Copied | null> {
  const { id, from, to, replace, onProgress } = copy;
  const offer = await from.offerOfModel(id);
  let answer = await to.offerModel(id, offer, { replace });
  let isAsked = true;

  /** As far as one connection goes; what it yields is that it went further. */
  async function* round(): AsyncGenerator<void> {
    const before = answer;
    if (!isAsked) answer = await to.offerModel(id, offer, { replace });
    isAsked = false;
    if (answer.kind !== 'wanted') return;
    if (hasMore(before, answer)) yield;
    const { received_bytes, total_bytes: totalBytes, missing } = answer;
    let receivedBytes = received_bytes;
    const onBytes = (more: number): void => {
      receivedBytes += more;
      onProgress({ phase: 'downloading', receivedBytes, totalBytes });
    };
    for (const piece of missing) {
      await carry(piece, copy, onBytes);
      yield;
    }
    onProgress({ phase: 'verifying', receivedBytes: totalBytes, totalBytes });
  }

  for await (const _ of acrossCuts(round, { ...copy, isOver: () => answer.kind !== 'wanted' })) {
    // Each step counts as a sign of life.
  }
  return answer.kind === 'wanted' ? null : answer;
}

function hasMore(before: OfferView, now: OfferView): boolean {
  return before.kind === 'wanted' && now.kind === 'wanted' && now.received_bytes > before.received_bytes;
}

/** Rejects with the error of the end that broke off. */
async function carry(piece: ModelPiece, { id, from, to }: ModelCopy, onBytes: (more: number) => void): Promise<void> {
  let broken: { readonly error: unknown } | null = null;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of from.modelBytes(id, piece)) {
        yield part;
        onBytes(part.length);
      }
    } catch (error) {
      broken = { error };
      throw error;
    }
  }
  try {
    // One that begins anew when it is read again: a daemon that had to be started first has heard nothing of it.
    await to.sendModelBytes(id, piece, { [Symbol.asyncIterator]: bytes });
  } catch (error) {
    throw asCut(broken, error);
  }
}

/** What a slow line has brought in the time that the receiver gives a request stays there, as after a cut. */
function asCut(broken: { readonly error: unknown } | null, error: unknown): unknown {
  const cause = broken?.error ?? error;
  if (!(cause instanceof AppError) || cause.code !== 'TIMEOUT') return cause;
  return new AppError('DAEMON_UNREACHABLE', cause.message, { cause });
}
