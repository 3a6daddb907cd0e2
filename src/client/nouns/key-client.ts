/** The part of the client that is about keys of the front door. */

import type { CreatedKeyView, CreateKeyRequest, KeyView } from '../../contract/keys.ts';
import type { Calls } from './calls.ts';

export interface KeyClient {
  /** Oldest first, with those that are void. */
  keys(): Promise<readonly KeyView[]>;
  createKey(wanted: CreateKeyRequest): Promise<CreatedKeyView>;
  rotateKey(id: string): Promise<CreatedKeyView>;
  revokeKey(id: string): Promise<KeyView>;
}

export function createKeyClient({ call }: Calls): KeyClient {
  return {
    keys: () => call('GET', '/v2/keys'),
    createKey: (wanted) => call('POST', '/v2/keys', wanted),
    rotateKey: (id) => call('POST', `/v2/keys/${encodeURIComponent(id)}/rotate`),
    revokeKey: (id) => call('POST', `/v2/keys/${encodeURIComponent(id)}/revoke`),
  };
}
