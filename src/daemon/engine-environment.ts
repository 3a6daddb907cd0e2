/** What engines inherit: the environment of the daemon, and `offline` as it is when they start. */

import type { LiveSettings, Settings } from '../config/index.ts';
import { OFFLINE_ENVIRONMENT } from '../kernel/index.ts';

type Environment = Record<string, string | undefined>;

/** Follows the setting by itself: whoever holds it reads it anew for each engine. */
export function engineEnvironment(
  live: Pick<LiveSettings, 'current' | 'onChange'>,
  inherited: Readonly<Environment>,
): Readonly<Environment> {
  const environment: Environment = { ...inherited };
  const follow = ({ offline }: Settings): void => {
    for (const [name, value] of Object.entries(OFFLINE_ENVIRONMENT)) {
      environment[name] = offline ? value : inherited[name];
    }
  };
  follow(live.current());
  live.onChange(follow);
  return environment;
}
