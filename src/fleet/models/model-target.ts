/** What a name of a model means, or the error that says that it means nothing. */

import { AppError } from '../../contract/index.ts';
import type { Target } from '../../gateway/index.ts';
import type { ModelNames } from './model-names.ts';

/** Throws MODEL_NOT_FOUND. */
export function targetOf(names: Pick<ModelNames, 'resolve'>, model: string): Target {
  const target = names.resolve(model);
  if (target !== null) return target;
  throw new AppError('MODEL_NOT_FOUND', `no instance, alias or model is named "${model}"`, {
    hint: 'run "drover models ls" and "drover ps"',
  });
}
