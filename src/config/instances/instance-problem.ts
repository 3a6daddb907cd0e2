/** The problems that checks beyond the shape of a config find, and how they are written down. Pure. */

import type { ErrorCode } from '../../contract/errors.ts';
import type { ConfigProblem } from '../reading/problem.ts';

/** A problem with the catalogue code that `up` answers with. */
export interface InstanceProblem extends ConfigProblem {
  readonly code: Extract<
    ErrorCode,
    | 'CONFIG_INVALID'
    | 'MODEL_NOT_FOUND'
    | 'MODEL_FILE_MISSING'
    | 'MODEL_FILE_INVALID'
    | 'PORT_TAKEN'
    | 'ENGINE_NOT_FOUND'
    | 'MEMORY_INSUFFICIENT'
    | 'PERMISSION_DENIED'
  >;
}

export interface Place {
  readonly file: string;
  readonly path: string;
}

export function error(
  place: Place,
  code: InstanceProblem['code'],
  message: string,
  hint: string | null,
): InstanceProblem {
  return { ...place, code, message, hint, severity: 'error' };
}

export function warning(place: Place, message: string, hint: string | null): InstanceProblem {
  return { ...place, code: 'CONFIG_INVALID', message, hint, severity: 'warning' };
}
