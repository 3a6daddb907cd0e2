/** What a person writes for a model of the hub: `hf:org/repo[@rev][:file|:quant]`, read and written. Pure. */

export type FilePick =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly path: string }
  /** In capitals, e.g. `Q4_K_M`. */
  | { readonly kind: 'quantisation'; readonly name: string };

export interface HubReference {
  /** `org/repo`. */
  readonly repo: string;
  /** A branch, tag or commit; null: the newest. */
  readonly revision: string | null;
  readonly pick: FilePick;
}

/** `reason` completes the sentence `"…" is no reference: `. */
type ReferenceReading =
  | { readonly kind: 'read'; readonly reference: HubReference }
  | { readonly kind: 'invalid'; readonly reason: string };

export const HUB_PREFIX = 'hf:';

const NAME = /^[A-Za-z0-9][\w.-]{0,95}$/;
const REVISION = /^[\w./-]{1,200}$/;
const QUANTISATION = /^[A-Za-z0-9_-]{1,32}$/;
const FILE_PART = /^[\w.+ -]{1,200}$/;

export function readReference(text: string): ReferenceReading {
  if (!text.startsWith(HUB_PREFIX)) return invalid(`it does not begin with "${HUB_PREFIX}"`);
  const [place, rest] = splitAt(text.slice(HUB_PREFIX.length), ':');
  const [repo, revision] = splitAt(place, '@');
  const names = repo.split('/');
  if (names.length !== 2 || !names.every((name) => NAME.test(name))) {
    return invalid('a repository is ORGANISATION/NAME, such as hf:Qwen/Qwen2.5-0.5B-Instruct-GGUF');
  }
  if (revision !== null && !isRevision(revision)) return invalid('what follows "@" is no branch, tag or commit');
  const pick = readPick(rest);
  return pick === null
    ? invalid('what follows ":" is neither a .gguf file nor a quantisation such as Q4_K_M')
    : { kind: 'read', reference: { repo, revision, pick } };
}

function invalid(reason: string): ReferenceReading {
  return { kind: 'invalid', reason };
}

/** Before and after the first `mark`; null when there is none. */
function splitAt(text: string, mark: string): readonly [string, string | null] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function isRevision(text: string): boolean {
  return REVISION.test(text) && !text.includes('..') && !text.startsWith('/');
}

function readPick(text: string | null): FilePick | null {
  if (text === null) return { kind: 'default' };
  if (text.toLowerCase().endsWith('.gguf')) return isFilePath(text) ? { kind: 'file', path: text } : null;
  return QUANTISATION.test(text) ? { kind: 'quantisation', name: text.toUpperCase() } : null;
}

function isFilePath(path: string): boolean {
  return path.split('/').every((part) => FILE_PART.test(part) && part !== '.' && part !== '..');
}

/** The text that means the same. */
export function showReference({ repo, revision, pick }: HubReference): string {
  const which = pick.kind === 'default' ? '' : `:${pick.kind === 'file' ? pick.path : pick.name}`;
  return `${HUB_PREFIX}${repo}${revision === null ? '' : `@${revision}`}${which}`;
}

const LONGEST_ID = 128;

/** The id in the catalogue that follows from a reference alone, without a look at the hub. */
export function idOfReference({ repo, pick }: HubReference): string {
  const name = repo.slice(repo.indexOf('/') + 1).replace(/[._-]gguf$/i, '');
  const id = pick.kind === 'file' ? stemOf(pick.path) : name + (pick.kind === 'default' ? '' : `-${pick.name}`);
  return id
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, LONGEST_ID);
}

const PART = /-(\d{5})-of-(\d{5})$/;

/** The name of a model file, without its folder, its ending and the number of its part. */
function stemOf(path: string): string {
  return baseName(path)
    .replace(/\.gguf$/i, '')
    .replace(PART, '');
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const LONGEST_FILE_NAME = 200;

/** What a file is called in the folder of a model: its own name, without what no folder should hold. */
export function fileNameOf(path: string): string {
  return baseName(path)
    .replaceAll(/[^\w.+ -]/g, '_')
    .replace(/^\W/, '_')
    .slice(-LONGEST_FILE_NAME);
}

/** Which part of how many a file is; null for a model in one file. */
export function partOf(path: string): { readonly part: number; readonly of: number } | null {
  const found = PART.exec(path.replace(/\.gguf$/i, ''));
  return found === null ? null : { part: Number(found[1]), of: Number(found[2]) };
}
