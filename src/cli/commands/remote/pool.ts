/** `drover pool HOST` without a verb: nothing to run there. */

import { AppError } from '../../../contract/errors.ts';
import type { CliContext } from '../../context.ts';

export function pool(this: CliContext, _flags: object, host: string): never {
  throw new AppError('INVALID_REQUEST', `what shall run on ${host}?`, {
    hint: `write a command behind it, such as: drover pool ${host} status`,
  });
}
