/** Reads `## Inputs` (names, types, real defaults) and `## Available Scripts` (defaults for tasks that run a script). */
import type { InputType, PlanFault, PlanInput, ScriptDoc, Span, TaskClass } from '../types.ts';
import type { Block } from './blocks.ts';
import { TASK_CLASSES } from './fields.ts';
import { parseMegabytes } from './values.ts';

const TYPES: Readonly<Record<string, InputType>> = {
  string: 'string',
  text: 'string',
  str: 'string',
  int: 'integer',
  integer: 'integer',
  number: 'number',
  float: 'number',
  bool: 'boolean',
  boolean: 'boolean',
  path: 'path',
  file: 'path',
  folder: 'path',
  dir: 'path',
  directory: 'path',
  list: 'list',
  json: 'json',
  model: 'model',
};

interface InputSection {
  readonly inputs: readonly PlanInput[];
  readonly faults: readonly PlanFault[];
}

export function readInputs(blocks: readonly Block[]): InputSection {
  const inputs: PlanInput[] = [];
  const faults: PlanFault[] = [];
  for (const block of blocks) {
    if (block.kind !== 'line') continue;
    const { text, line, column } = block;
    const right = rightInput(text);
    const input = readInput(right ?? text, line, column);
    if (right === undefined) {
      if (input !== undefined) inputs.push(input);
      continue;
    }
    const at = { line, column, endColumn: column + text.length };
    faults.push({ code: 'P003', at, message: 'this is not how an input is declared', help: `write ${right}` });
    // It is told of once, not at every use as well.
    if (input !== undefined) inputs.push({ ...input, nameAt: at });
  }
  return { inputs, faults: [...faults, ...repeated(inputs)] };
}

const INPUT = /^-\s+\*\*\{?([A-Za-z_][A-Za-z0-9_]*)\}?\*\*\s*(.*)$/;

function readInput(text: string, line: number, column: number): PlanInput | undefined {
  const match = INPUT.exec(text);
  if (match?.[1] === undefined) return undefined;
  const start = column + text.indexOf(match[1]);
  const rest = match[2] ?? '';
  return {
    name: match[1],
    nameAt: { line, column: start, endColumn: start + match[1].length },
    description: rest.replace(/^[:–-]\s*/, ''),
    ...declarationIn(rest),
  };
}

/** How a line that is meant as an input, but not written as one, should be written. */
export function rightInput(text: string): string | undefined {
  if (INPUT.test(text)) return undefined;
  const match = /^[-*+]?\s*[*_`]{0,3}\{?([A-Z][A-Z0-9_]*)\}?[*_`:]{0,4}\s*(.*)$/.exec(text);
  if (match?.[1] === undefined || !/^[-*+]|:/.test(text) || !text.includes(':')) return undefined;
  return `- **${match[1]}**: ${(match[2] ?? '').replace(/^[:*\s]+/, '')}`.trimEnd();
}

function repeated(inputs: readonly PlanInput[]): PlanFault[] {
  const seen = new Set<string>();
  return inputs.flatMap(({ name, nameAt }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ code: 'P009', at: nameAt, message: `input ${name} is declared twice`, help: 'keep one of them' }];
  });
}

/** The first `(type, default …)`, `(type)` or `(default …)` of a declaration; other parentheses are prose. */
function declarationIn(text: string): Pick<PlanInput, 'type' | 'default'> {
  for (const group of parenthesised(text)) {
    const declared = readDeclaration(group);
    if (declared !== undefined) return declared;
  }
  return { type: 'string' };
}

function readDeclaration(group: string): Pick<PlanInput, 'type' | 'default'> | undefined {
  const alone = givenIn(group);
  if (alone !== undefined) return { type: 'string', default: alone };
  const comma = group.includes(',') ? group.indexOf(',') : group.length;
  const word = group.slice(0, comma).trim().toLowerCase();
  const type = Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
  if (type === undefined) return undefined;
  const given = givenIn(group.slice(comma + 1));
  return given === undefined ? { type } : { type, default: given };
}

/** `default …`, or `optional`, which means an empty default. */
function givenIn(written: string): string | undefined {
  if (/^\s*optional\s*$/i.test(written)) return '';
  const match = /^\s*default\b\s*[:=]?([^]*)$/i.exec(written);
  return match === null ? undefined : literal(match[1] ?? '');
}

function literal(written: string): string {
  const text = written.trim();
  return /^(["'`])([^]*)\1$/.exec(text)?.[2] ?? text;
}

function parenthesised(text: string): string[] {
  const groups: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '(') {
      if (depth === 0) start = index + 1;
      depth += 1;
    } else if (text[index] === ')' && depth > 0) {
      depth -= 1;
      if (depth === 0) groups.push(text.slice(start, index));
    }
  }
  return groups;
}

export function readScripts(blocks: readonly Block[]): ScriptDoc[] {
  const scripts: ScriptDraft[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading') scripts.push({ name: block.title.replaceAll('`', ''), at: block.at });
    const current = scripts.at(-1);
    if (block.kind === 'line' && current !== undefined) readScriptLine(current, block.text);
  }
  return scripts;
}

interface ScriptDraft {
  readonly name: string;
  readonly at: Span;
  taskClass?: TaskClass;
  vramEstimateMb?: number;
}

function readScriptLine(script: ScriptDraft, text: string): void {
  const match = /^[-*+]\s+\*\*([^*:]+):?\*\*:?\s*(.*)$/.exec(text);
  const name = match?.[1]?.trim().toLowerCase().replace(/[ -]/g, '_');
  const value = (match?.[2] ?? '').replaceAll('`', '').trim();
  if (name === 'task_class') {
    const taskClass = TASK_CLASSES.find((known) => known === value.toLowerCase());
    if (taskClass !== undefined) script.taskClass = taskClass;
  }
  if (name === 'vram_estimate' || name === 'vram_estimate_mb') {
    const megabytes = parseMegabytes(value);
    if (megabytes !== undefined && megabytes > 0) script.vramEstimateMb = megabytes;
  }
}
