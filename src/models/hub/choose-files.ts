/** Which files of a repository a reference means: the quantisation, all parts of it, and the projector beside it. Pure. */

import { groupBy } from '../../kernel/index.ts';
import { baseName, partOf } from './reference.ts';
import type { FilePick } from './reference.ts';

export interface HubFile {
  /** In the repository. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where the hub does not tell. */
  readonly sha256: string | null;
}

export type FileChoice =
  | {
      readonly kind: 'chosen';
      readonly quantisation: string | null;
      /** In the order of their parts. */
      readonly parts: readonly HubFile[];
      /** What a model needs to see or to hear. */
      readonly projector: HubFile | null;
    }
  /** `reason` is a sentence without its end; `choices` could be asked for instead. */
  | { readonly kind: 'none'; readonly reason: string; readonly choices: readonly string[] };

/** What is taken when nobody says, best first; what is not named here comes last. */
const PREFERRED =
  'Q4_K_M Q4_K_S Q4_K_XL Q4_K Q4_0 Q4_1 Q4 IQ4_XS IQ4_NL MXFP4 Q5_K_M Q5_K_S Q5_K Q5_0 Q6_K Q8_0 Q8 Q3_K_L Q3_K_M Q3_K_S Q2_K F16 FP16 BF16 F32'.split(
    ' ',
  );
const PROJECTORS = ['F16', 'FP16', 'BF16', 'Q8_0', 'F32'];

interface Model {
  readonly quantisation: string | null;
  readonly parts: readonly HubFile[];
  readonly isWhole: boolean;
}

export function chooseFiles(files: readonly HubFile[], pick: FilePick): FileChoice {
  const ggufs = files.filter(({ path }) => path.toLowerCase().endsWith('.gguf'));
  const models = modelsAmong(ggufs.filter((file) => !isProjector(file)));
  if (models.length === 0) return none('it has no .gguf file', []);
  const chosen = choose(models, pick);
  if (chosen === null) return none(notThere(pick), [...new Set(models.map(nameOf))]);
  if (!chosen.isWhole) return none(`${baseName(chosen.parts[0]?.path ?? '')} lacks some of its parts`, []);
  const projectors = ggufs.filter(isProjector).toSorted((a, b) => rank(PROJECTORS, a) - rank(PROJECTORS, b));
  return { kind: 'chosen', quantisation: chosen.quantisation, parts: chosen.parts, projector: projectors[0] ?? null };
}

function none(reason: string, choices: readonly string[]): FileChoice {
  return { kind: 'none', reason, choices };
}

function notThere(pick: FilePick): string {
  return pick.kind === 'file' ? `it has no file ${pick.path}` : `it has no quantisation ${nameOfPick(pick)}`;
}

function nameOfPick(pick: FilePick): string {
  return pick.kind === 'quantisation' ? pick.name : '';
}

function nameOf({ quantisation, parts }: Model): string {
  return quantisation ?? baseName(parts[0]?.path ?? '');
}

function isProjector({ path }: HubFile): boolean {
  return baseName(path).toLowerCase().includes('mmproj');
}

/** Files that are parts of one model belong together. */
function modelsAmong(files: readonly HubFile[]): readonly Model[] {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const groups = groupBy(sorted, ({ path }) =>
    partOf(path) === null ? path : path.slice(0, -'-00001-of-00001.gguf'.length),
  );
  return [...groups.values()].map((parts) => ({
    quantisation: quantisationOf(parts[0]?.path ?? ''),
    parts,
    isWhole: (partOf(parts[0]?.path ?? '')?.of ?? 1) === parts.length,
  }));
}

function choose(models: readonly Model[], pick: FilePick): Model | null {
  switch (pick.kind) {
    case 'file':
      return models.find(({ parts }) => parts.some(({ path }) => isNamed(path, pick.path))) ?? null;
    case 'quantisation':
      return models.find(({ quantisation }) => quantisation === pick.name) ?? null;
    case 'default':
      return (
        models.toSorted((a, b) => rankOf(PREFERRED, a.quantisation) - rankOf(PREFERRED, b.quantisation))[0] ?? null
      );
  }
}

/** By its whole path, or by its name where it lies in a folder. */
function isNamed(path: string, wanted: string): boolean {
  return path === wanted || baseName(path) === wanted;
}

function rank(order: readonly string[], { path }: HubFile): number {
  return rankOf(order, quantisationOf(path));
}

function rankOf(order: readonly string[], quantisation: string | null): number {
  const at = order.indexOf(quantisation ?? '');
  return at < 0 ? order.length : at;
}

const QUANTISATION = /^(?:I?Q\d\w*|TQ\d_\d|BF16|FP16|F16|F32|MXFP4\w*)$/;

/** As the name of the file says it, in capitals; null when it does not. */
export function quantisationOf(path: string): string | null {
  const words = baseName(path).toUpperCase().split(/[.-]/);
  return words.findLast((word) => QUANTISATION.test(word)) ?? null;
}
