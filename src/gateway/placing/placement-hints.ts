/** What a request says about where it wants to run, read from its headers. Pure. */

import type { IncomingHttpHeaders } from 'node:http';

import type { Fields } from '../protocols/fields.ts';
import { affinityOf, NO_AFFINITY } from './affinity.ts';
import type { Affinity } from './affinity.ts';
import { NO_WISH } from './wishes.ts';
import type { PlacementWish } from './wishes.ts';

export interface PlacementHints {
  readonly wish: PlacementWish;
  readonly affinity: Affinity;
}

/** `conversation`: the body of the request, when it is part of one. */
export function hintsOf(headers: IncomingHttpHeaders, conversation: Fields | null): PlacementHints {
  return { wish: wishOf(headers), affinity: conversation === null ? NO_AFFINITY : affinityOf(headers, conversation) };
}

/** The same on any other instance that it allows. */
export function awayFrom(instance: string, { wish, affinity }: PlacementHints): PlacementHints {
  return { wish: { ...wish, avoid: [...wish.avoid, instance] }, affinity };
}

export const NO_HINTS: PlacementHints = { wish: NO_WISH, affinity: NO_AFFINITY };

const WISH_HEADERS = ['x-drover-pin', 'x-drover-prefer', 'x-drover-avoid', 'x-drover-device'] as const;

function wishOf(headers: IncomingHttpHeaders): PlacementWish {
  if (WISH_HEADERS.every((name) => headers[name] === undefined)) return NO_WISH;
  return {
    pin: namesIn(headers['x-drover-pin'])[0] ?? null,
    prefer: namesIn(headers['x-drover-prefer']),
    avoid: namesIn(headers['x-drover-avoid']),
    device: namesIn(headers['x-drover-device'])[0] ?? null,
    allowFallback: headers['x-drover-allow-fallback'] === 'true',
  };
}

/** Names in one header, with commas between them. */
function namesIn(value: string | string[] | undefined): readonly string[] {
  const texts = value === undefined ? [] : [value].flat();
  return texts.flatMap((text) => text.split(',')).flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
}
