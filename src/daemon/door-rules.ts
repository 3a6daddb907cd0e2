/** What the settings and the keys make of the front door: who needs a key, whether it may listen, and its certificate. */

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import type { ApiDeps, KeyRing } from '../api/index.ts';
import { keylessDoor } from '../config/index.ts';
import type { Settings } from '../config/index.ts';
import { AppError } from '../contract/index.ts';
import { isLoopback } from '../kernel/index.ts';

/** `bind` is the address that was bound at the start, whatever the settings say since. */
export function doorRules(
  { requireKeys, corsOrigins }: Pick<Settings, 'requireKeys' | 'corsOrigins'>,
  bind: string,
  keys: Pick<KeyRing, 'any'>,
): ReturnType<ApiDeps['door']> {
  const wanted = requireKeys === 'always' || (requireKeys === 'auto' && keys.any());
  return { bind, origins: corsOrigins, keysRequired: wanted || !isLoopback(bind) };
}

/** Throws CONFIG_INVALID for a door that listens beyond this machine while nobody has a key. */
export function assertReachable({ bind }: Pick<Settings, 'bind'>, keys: Pick<KeyRing, 'anyActive'>): void {
  const error = keys.anyActive() ? null : keylessDoor(bind);
  if (error !== null) throw error;
}

/** Null: the door speaks HTTP. Throws CONFIG_INVALID for files that cannot be read or do not belong together. */
export function readTls({ tlsCert, tlsKey }: Pick<Settings, 'tlsCert' | 'tlsKey'>): ApiDeps['tls'] {
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    throw new AppError('CONFIG_INVALID', 'TLS needs both tls_cert and tls_key', {
      hint: 'set the other one, or both off',
    });
  }
  try {
    const files = { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
    createSecureContext(files);
    return files;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('CONFIG_INVALID', `${tlsCert} and ${tlsKey} are no certificate with its key: ${why}`, {
      cause: error,
      hint: 'both are PEM files; the certificate comes first, those above it after',
    });
  }
}
