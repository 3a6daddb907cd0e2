/** Settings of who may come in at the front door, and of whom Drover calls itself. */

import { duration, filePath, oneOf, origins, truth } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface DoorSettings {
  /** `auto`: once a key has been made. A door beyond this machine asks for one always. */
  readonly requireKeys: 'auto' | 'always' | 'never';
  /** PEM files; null: the door speaks HTTP. */
  readonly tlsCert: string | null;
  readonly tlsKey: string | null;
  readonly corsOrigins: readonly string[];
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Texts of requests and answers are kept for `drover requests show`. */
  readonly requestBodies: boolean;
  readonly offline: boolean;
}

export const DOOR_SETTINGS: SettingTable<DoorSettings> = {
  requireKeys: {
    key: 'require_keys',
    kind: oneOf(['auto', 'always', 'never']),
    about: 'Must callers over TCP have a key? auto: once one was made. Beyond this machine they always must.',
    counts: 'live',
    fallback: () => 'auto',
  },
  tlsCert: {
    key: 'tls_cert',
    env: 'DROVER_TLS_CERT',
    kind: filePath,
    about: 'PEM file with the certificate of the front door and those above it, or off.',
    counts: 'after-restart',
    fallback: () => null,
  },
  tlsKey: {
    key: 'tls_key',
    env: 'DROVER_TLS_KEY',
    kind: filePath,
    about: 'PEM file with its private key, or off.',
    counts: 'after-restart',
    fallback: () => null,
  },
  corsOrigins: {
    key: 'cors_origins',
    kind: origins,
    about: 'Origins of pages that may call the front door, or off. A page of the front door itself always may.',
    counts: 'live',
    fallback: () => [],
  },
  headerTimeoutMs: {
    key: 'header_timeout',
    kind: duration,
    about: 'Longest time in which a request sends its head.',
    counts: 'after-restart',
    fallback: () => 10_000,
  },
  bodyTimeoutMs: {
    key: 'body_timeout',
    kind: duration,
    about: 'Longest time in which a request is sent whole.',
    counts: 'after-restart',
    fallback: () => 300_000,
  },
  requestBodies: {
    key: 'request_bodies',
    kind: truth,
    about: 'Are bodies of requests and answers kept in memory, redacted, for drover requests show?',
    counts: 'live',
    fallback: () => false,
  },
  offline: {
    key: 'offline',
    env: 'DROVER_OFFLINE',
    kind: truth,
    about:
      'Is every call to another machine forbidden: webhooks, models that answer questions, model hubs, remote engines?',
    counts: 'live',
    fallback: () => false,
  },
};
