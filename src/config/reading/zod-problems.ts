/** Turns what zod found in a config file into sentences with a place and a remedy. Pure; knows no field by name. */

import type { z } from 'zod';

import { didYouMean } from '../../kernel/nearest.ts';
import { formatPath, shown } from './problem.ts';
import type { ConfigProblem } from './problem.ts';

type Issue = z.core.$ZodIssue;

/** The part of a JSON Schema that names the fields of an object, and says what each is for. */
export interface FieldTree {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, FieldTree>>;
}

interface ProblemSource {
  readonly file: string;
  /** What was parsed, to say what was found. */
  readonly value: unknown;
  /** The fields there are, for did-you-mean. */
  readonly fields: FieldTree;
}

export function problemsFromIssues(issues: readonly Issue[], source: ProblemSource): ConfigProblem[] {
  return issues.flatMap((issue) => problemsFromIssue(issue, source));
}

function problemsFromIssue(issue: Issue, source: ProblemSource): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, issue.path, source));
  if (issue.code === 'invalid_union') return fromUnion(issue, source);
  const found = valueAt(source.value, issue.path);
  if (found === undefined && issue.code === 'invalid_type') return [missingField(issue.path, source)];
  return [problem(source, issue.path, sentence(issue, found), hintFor(issue, found))];
}

function unknownField(key: string, path: readonly PropertyKey[], source: ProblemSource): ConfigProblem {
  const known = fieldsAt(source.fields, path).filter((name) => name !== '$schema');
  const hint = didYouMean(key, known) ?? (known.length === 0 ? null : `known fields here: ${known.join(', ')}`);
  return problem(source, [...path, key], 'unknown field', hint);
}

function missingField(path: readonly PropertyKey[], source: ProblemSource): ConfigProblem {
  return problem(source, path, 'missing', `add "${String(path.at(-1))}"`);
}

/** Of a union's branches the one that liked the type speaks; when none did, all say what they would take. */
function fromUnion(issue: Extract<Issue, { code: 'invalid_union' }>, source: ProblemSource): ConfigProblem[] {
  const found = valueAt(source.value, issue.path);
  if (found === undefined) return [missingField(issue.path, source)];
  const deeper = issue.errors.find((branch) => branch.some((inner) => !isMismatch(inner)));
  if (deeper) {
    return deeper.flatMap((inner) => problemsFromIssue({ ...inner, path: [...issue.path, ...inner.path] }, source));
  }
  const wanted = [...new Set(issue.errors.flatMap((branch) => branch.flatMap(expectation)))];
  return [problem(source, issue.path, `must be ${anyOf(wanted)}; found ${shown(found)}`, nearChoice(found, wanted))];
}

/** True when a branch only says that the value is none of its kind. */
function isMismatch(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

function expectation(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value));
  return issue.code === 'invalid_type' ? [article(issue.expected)] : [];
}

function sentence(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}; found ${shown(found)}`;
    case 'invalid_value':
      return `must be ${anyOf(issue.values.map((value) => JSON.stringify(value)))}; found ${shown(found)}`;
    case 'too_small':
      return `must ${bound(issue.origin)} at least ${issue.minimum}${unit(issue.origin)}; found ${shown(found)}`;
    case 'too_big':
      return `must ${bound(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}; found ${shown(found)}`;
    case 'invalid_format':
      return `must be ${issue.message}; found ${shown(found)}`;
    default:
      return issue.message;
  }
}

function bound(origin: string): string {
  return origin === 'array' || origin === 'string' ? 'have' : 'be';
}

function unit(origin: string): string {
  if (origin === 'array') return ' entries';
  return origin === 'string' ? ' characters' : '';
}

function hintFor(issue: Issue, found: unknown): string | null {
  if (issue.code !== 'invalid_value') return null;
  return nearChoice(
    found,
    issue.values.map((value) => JSON.stringify(value)),
  );
}

function nearChoice(found: unknown, choices: readonly string[]): string | null {
  if (typeof found !== 'string') return null;
  const texts = choices.filter((choice) => choice.startsWith('"')).map((choice) => choice.slice(1, -1));
  return didYouMean(found, texts) ?? null;
}

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  boolean: 'true or false',
};

function article(type: string): string {
  return ARTICLES[type] ?? `a ${type}`;
}

function anyOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

function problem(
  source: ProblemSource,
  path: readonly PropertyKey[],
  message: string,
  hint: string | null,
): ConfigProblem {
  const remedy = hint ?? purposeOf(source.fields, path);
  return { file: source.file, path: formatPath(path), message, hint: remedy, severity: 'error' };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, part) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, part)) return undefined;
    return Reflect.get(inner, part) as unknown;
  }, value);
}

function fieldsAt(fields: FieldTree, path: readonly PropertyKey[]): string[] {
  return Object.keys(fieldAt(fields, path)?.properties ?? {});
}

function fieldAt(fields: FieldTree, path: readonly PropertyKey[]): FieldTree | undefined {
  return path.reduce<FieldTree | undefined>((inner, part) => ownField(inner?.properties, String(part)), fields);
}

function ownField(fields: FieldTree['properties'], name: string): FieldTree | undefined {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** What the field is for, or the nearest one around it that says so. */
function purposeOf(fields: FieldTree, path: readonly PropertyKey[]): string {
  const around = path.flatMap((_part, depth) => fieldAt(fields, path.slice(0, depth + 1))?.description ?? []);
  return around.at(-1) ?? 'run "drover config schema" for all fields';
}
