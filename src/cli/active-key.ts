/** Whether anybody has a key of the front door. For commands that start no daemon. */

import { AppError } from '../contract/errors.ts';
import type { CliContext } from './context.ts';

/** Null while no daemon answers. */
export async function hasActiveKey({ quietClient }: Pick<CliContext, 'quietClient'>): Promise<boolean | null> {
  try {
    const keys = await quietClient.keys();
    return keys.some(({ state }) => state === 'active');
  } catch (error) {
    if (error instanceof AppError && error.code === 'DAEMON_UNREACHABLE') return null;
    throw error;
  }
}
