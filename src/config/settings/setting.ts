/** What is known of one setting. */

import type { SettingKind } from './setting-kinds.ts';

export interface Setting<T> {
  /** The key in the file. */
  readonly key: string;
  readonly env?: string;
  readonly kind: SettingKind<T>;
  /** What it is for, in a sentence. */
  readonly about: string;
  /** When a change counts: with the next command, at once in the running daemon, or after its restart. */
  readonly counts: 'next-command' | 'live' | 'after-restart';
  readonly fallback: (home: string) => T;
}

/** A row for each setting. */
export type SettingTable<Settings> = { readonly [K in keyof Settings]: Setting<Settings[K]> };
