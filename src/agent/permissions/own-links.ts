/** Symbolic links that a text makes itself: what stands behind them when a later command of it runs. Pure. */

import { posix } from 'node:path';

import { isCertain, programName } from '../../shell/index.ts';
import type { Deed, Deeds } from '../../shell/index.ts';
import type { Surroundings, Whereabouts } from './guards.ts';
import { placeOf } from './written.ts';
import { operandsOf } from './writers.ts';

type RealPath = Surroundings['realPath'];

/** More are not looked through: this is against accidents. */
const MOST_LINKS = 32;

/** `realPath`, as it will answer once the links are made. */
export function realPathWithLinks(
  { deeds }: Deeds,
  { directories, realPath }: Pick<Surroundings, 'realPath'> & Whereabouts,
): RealPath {
  const made = deeds.flatMap((deed) => linkOf(deed) ?? []).slice(0, MOST_LINKS);
  const links = new Map(
    directories.filter(isCertain).flatMap((directory) =>
      made.map(({ target, name }) => {
        const place = placeOf(name, directory);
        return [place, placeOf(target, posix.dirname(place))] as const;
      }),
    ),
  );
  return links.size === 0 ? realPath : (path) => realPath(behind(path, links));
}

interface MadeLink {
  readonly target: string;
  readonly name: string;
}

function linkOf({ words: [program = '', ...rest] }: Deed): MadeLink | null {
  const isSymbolic = rest.some((word) => /^(?:-[A-Za-z]*s|--symbolic$)/.test(word));
  if (programName(program) !== 'ln' || !isSymbolic) return null;
  const [target = '', name = posix.basename(target)] = operandsOf('ln', rest);
  return name !== '' && isCertain(target) && isCertain(name) ? { target, name } : null;
}

/** Links that lead to links are followed a few times. */
const MOST_STEPS = 4;

function behind(path: string, links: ReadonlyMap<string, string>): string {
  let place = path;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const link = [...links].find(([name]) => place === name || place.startsWith(`${name}/`));
    if (link === undefined) return place;
    place = posix.join(link[1], place.slice(link[0].length));
  }
  return place;
}
