/** What one asking task asks of its model: its prompt with the input files, and the form that the answer must have. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { assertNever, hasCode } from '../../kernel/index.ts';
import type { RenderedAskingTask, RenderedParseTask } from '../../plans/index.ts';
import { readSchema } from './answer-schema.ts';
import { DATA_RULE, dataSection } from './data-section.ts';
import { jsonForm, openForm, optionForm } from './form.ts';
import type { Form } from './form.ts';

export interface Question {
  readonly system: string | null;
  readonly prompt: string;
  /** Null for a text of any form. */
  readonly form: Form | null;
}

type Questioning =
  | { readonly kind: 'asked'; readonly question: Question }
  /** The plan is wrong, or a file that it names is not there. */
  | { readonly kind: 'impossible'; readonly reason: string };

interface QuestionSource {
  readonly task: RenderedAskingTask;
  readonly batchPath: string;
  /** The brain reads what others wrote as data only. */
  readonly byBrain: boolean;
}

export async function questionOf(source: QuestionSource): Promise<Questioning> {
  try {
    const form = await formOf(source.task);
    if (form.kind === 'impossible') return form;
    const prompt = await promptOf(source);
    const parts = [source.byBrain ? DATA_RULE : null, form.form?.instruction ?? null].filter((part) => part !== null);
    return {
      kind: 'asked',
      question: { system: parts.length === 0 ? null : parts.join('\n\n'), prompt, form: form.form },
    };
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return { kind: 'impossible', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The text of the input files follows the prompt, each under its name. */
async function promptOf({ task, batchPath, byBrain }: QuestionSource): Promise<string> {
  const texts = await Promise.all(
    task.input.map(async (path) => {
      const text = await readFile(resolve(batchPath, path), 'utf8');
      return byBrain ? `\n\n${dataSection({ title: path, text })}` : `\n\n--- ${path} ---\n${text}`;
    }),
  );
  return task.prompt + texts.join('');
}

type FormResult =
  | { readonly kind: 'form'; readonly form: Form | null }
  | Extract<Questioning, { readonly kind: 'impossible' }>;

async function formOf(task: RenderedAskingTask): Promise<FormResult> {
  switch (task.type) {
    case 'generate':
      return { kind: 'form', form: null };
    case 'decide':
      return { kind: 'form', form: task.options.length === 0 ? openForm : optionForm(task.options) };
    case 'parse':
      return schemaForm(task.schema);
    default:
      return assertNever(task);
  }
}

async function schemaForm(schema: RenderedParseTask['schema']): Promise<FormResult> {
  const text = schema.kind === 'inline' ? schema.text : await readFile(schema.path, 'utf8');
  const reading = readSchema(text);
  if (reading.kind === 'usable') return { kind: 'form', form: jsonForm(reading.schema) };
  const name = schema.kind === 'inline' ? 'its schema' : `the schema ${schema.path}`;
  return { kind: 'impossible', reason: `${name} is no JSON Schema: ${reading.reason}` };
}
