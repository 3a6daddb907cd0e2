/** Whether a role may run a command: every simple command in it is held to the policy; the first refusal decides. Pure. */

import { posix } from 'node:path';

import { deedsOf, isCertain, programName } from '../../shell/index.ts';
import type { Deed, Deeds } from '../../shell/index.ts';
import type { Case } from './case.ts';
import { guardAgainst } from './guards.ts';
import type { Whereabouts } from './guards.ts';
import { realPathWithLinks } from './own-links.ts';
import { matchesHost, matchesPattern } from './patterns.ts';
import type { Form } from './patterns.ts';
import type { Policy } from './policy.ts';
import { directoriesOf, placeOf, writtenPaths } from './written.ts';

export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'denied'; readonly command: string; readonly rule: string }
  /** Everything that a person must answer before it may run. */
  | { readonly kind: 'ask'; readonly commands: readonly string[] };

export function judge(text: string, policy: Policy, at: Case): Verdict {
  const all = deedsOf(text, { environment: at.environment });
  if (policy.mode === 'strict' && all.problems.length > 0) {
    return { kind: 'denied', command: shorten(text), rule: `strict mode: ${all.problems[0] ?? 'not understood'}` };
  }
  const directories = directoriesOf(all, at);
  const realPath = realPathWithLinks(all, { directories, realPath: at.realPath });
  const scene: Scene = { all, policy, at: { ...at, directories, realPath } };
  const asked: string[] = [];
  for (const deed of all.deeds) {
    const verdict = judgeDeed(deed, scene);
    if (verdict.kind === 'denied') return verdict;
    if (verdict.kind === 'ask') asked.push(...verdict.commands);
  }
  return asked.length === 0 ? { kind: 'allowed' } : { kind: 'ask', commands: [...new Set(asked)] };
}

const ALLOWED: Verdict = { kind: 'allowed' };

interface Scene {
  readonly all: Deeds;
  readonly policy: Policy;
  readonly at: Case & Whereabouts;
}

function judgeDeed(deed: Deed, scene: Scene): Verdict {
  const { all, policy, at } = scene;
  const command = shownDeed(deed);
  const denied = (rule: string): Verdict => ({ kind: 'denied', command, rule });
  const forms = formsOf(deed, scene);
  const [plain] = forms;
  const pattern = policy.deny.find((each) => forms.some((form) => matchesPattern(each, form, 'anywhere')));
  if (pattern !== undefined) return denied(`deny: ${pattern}`);
  const found = forms.map((form) => guardAgainst(form, all, at)).find((each) => each !== null);
  if (found && policy.guards.includes(found.guard)) return denied(`guard ${found.guard}: ${found.why}`);
  const host = foreignHost(deed, policy);
  if (host !== null) return denied(`network: ${host} is not in its list`);
  if (at.approved.includes(command)) return ALLOWED;
  const listed = policy.allow.some((each) => each === command || matchesPattern(each, plain, 'system'));
  if (listed && policy.mode === 'default') return ALLOWED;
  if (!listed && policy.ask.some((each) => forms.some((form) => matchesPattern(each, form, 'anywhere')))) {
    return { kind: 'ask', commands: [command] };
  }
  if (policy.mode === 'default') return ALLOWED;
  const lacking = notForStrict(deed, listed, scene);
  return lacking === null ? ALLOWED : denied(`strict mode: ${lacking}`);
}

/** As it is written, and with the program behind a link. */
function formsOf(deed: Deed, scene: Scene): readonly [Form, ...Form[]] {
  const { realPath, cwd } = scene.at;
  const [program = '', ...rest] = deed.words;
  const plain = formOf(deed, scene);
  if (!program.includes('/') || !isCertain(program)) return [plain];
  const real = realPath(posix.resolve(cwd, program));
  return programName(real) === programName(program)
    ? [plain]
    : [plain, formOf({ ...deed, words: [real, ...rest] }, scene)];
}

function formOf(deed: Deed, { at: { directories } }: Scene): Form {
  const paths = writtenPaths(deed);
  const places = paths.flatMap((path) => directories.map((directory) => placeOf(path, directory)));
  return { ...deed, written: [...new Set([...paths, ...places])] };
}

/** Builtins that touch nothing but their own shell. */
const HARMLESS: ReadonlySet<string> = new Set(
  ': true false test [ cd pushd popd exit return break continue shift set shopt echo printf read mapfile readarray export local declare typeset readonly unset wait pwd umask getopts let trap eval times hash type jobs'.split(
    ' ',
  ),
);
/** Variables that change what other words mean. */
const TREACHEROUS =
  /^(?:PATH|IFS|ENV|BASH_ENV|BASH_FUNC.*|SHELLOPTS|BASHOPTS|PROMPT_COMMAND|PS4|LD_.+|DYLD_.+|PYTHON.+|NODE_OPTIONS|PERL5.+|RUBYOPT|GIT_.+)$/;

/** What strict mode finds missing, or null. */
function notForStrict(deed: Deed, listed: boolean, scene: Scene): string | null {
  const [program = ''] = deed.words;
  if (deed.code === 'unknown') return 'the code is not known before it runs';
  if (!isCertain(program)) return 'the program is not known before it runs';
  const variable = deed.assignments.find(({ name }) => TREACHEROUS.test(name));
  if (variable !== undefined) return `it sets ${variable.name}`;
  const foreign = writtenPaths(deed).find((path) => !isOwn(path, scene));
  if (foreign !== undefined) return `it writes to ${shownText(foreign)}`;
  const { all } = scene;
  const isCall = all.functions.has(program) && !all.deeds.some(({ words: [name] }) => name === 'unset');
  const harmless = program === '' || HARMLESS.has(program) || deed.wraps || isCall;
  return listed || harmless ? null : 'no pattern of allow matches';
}

function isOwn(path: string, { policy, at }: Scene): boolean {
  if (path.split('/').includes('..')) return false;
  if (/^\/dev\/(?:null|stdout|stderr|tty|fd\/.*)$/.test(path)) return true;
  const folders = [at.cwd, '/tmp', ...policy.files.write].map((folder) => folder.replace(/\/$/, ''));
  const places = at.directories.map((directory) => placeOf(path, directory));
  return places.every(
    (place) => isCertain(place) && folders.some((folder) => place === folder || place.startsWith(`${folder}/`)),
  );
}

const URL_HOST = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?(\[[^\]]+\]|[^/:?#\s]+)/i;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** A host that the command names and that the network list does not. */
function foreignHost({ words }: Deed, { network }: Policy): string | null {
  if (network === 'any') return null;
  const allowed = network === 'none' ? [] : network;
  for (const word of words) {
    const host = URL_HOST.exec(word)?.[1];
    if (host === undefined || LOOPBACK.test(host)) continue;
    if (!allowed.some((pattern) => matchesHost(pattern, host))) return shownText(host);
  }
  return null;
}

/** One line for people and for patterns: words that need it are quoted. */
function shownDeed({ words, redirects, assignments }: Deed): string {
  const shownRedirects = redirects.map(({ descriptor, operator, target }) => descriptor + operator + quoted(target));
  const shownNames = words.length === 0 ? assignments.map(({ name }) => `${name}=…`) : [];
  return shorten(shownText([...shownNames, ...words.map(quoted), ...shownRedirects].join(' ')));
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~*?[\]{}\uE000-\uE002-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function shownText(text: string): string {
  return text.replace(/[\uE000-\uE002]/gu, '…');
}

const LONGEST = 300;

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}
