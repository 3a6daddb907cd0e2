/** What somebody who pulls a model means, before the hub is asked. Pure. */

import { AppError } from '../../contract/index.ts';
import type { ModelView, PullRequest } from '../../contract/index.ts';
import { idOfReference, readReference, SHORT_NAMES, shortName, showReference } from '../../models/hub/index.ts';
import { didYouMean } from '../../kernel/index.ts';
import type { HubReference } from '../../models/hub/index.ts';
import type { NewModel } from '../../store/index.ts';

export interface Wish {
  readonly id: string;
  readonly reference: HubReference;
  readonly source: string;
  readonly tier: number | null;
  readonly token: string | null;
}

export function wishOf(request: PullRequest): Wish {
  const short = shortName(request.reference);
  const read = readReference(short?.reference ?? request.reference);
  if (read.kind === 'invalid') {
    throw new AppError('INVALID_REQUEST', `"${request.reference}" is no reference: ${read.reason}`, {
      hint:
        didYouMean(
          request.reference,
          SHORT_NAMES.map(({ name }) => name),
        ) ?? 'write hf:ORG/REPO[@REV][:FILE|:QUANTISATION], or a name of "drover models catalog"',
    });
  }
  return {
    id: request.name ?? short?.name ?? idOfReference(read.reference),
    reference: read.reference,
    source: showReference(read.reference),
    tier: request.tier ?? short?.tier ?? null,
    token: request.token ?? null,
  };
}

export function assertSame({ id, source }: Wish, known: ModelView): void {
  if (known.source === source) return;
  throw new AppError('MODEL_EXISTS', `"${id}" is another model: ${known.source}`, {
    hint: 'give it another id with --name, or run "drover models rm" first',
  });
}

export function comingModel({ id, source, tier }: Wish, file: Pick<NewModel, 'sizeBytes' | 'quantisation'>): NewModel {
  const unknown = { architecture: null, contextLength: null, parameters: null, sha256: null, reason: null };
  return { id, state: 'downloading', path: '', ...file, ...unknown, source, tier, files: [], hosts: [] };
}
