/** The variables of one batch: the defaults of the inputs, overridden by the batch's config. Built-ins are not here. */
import type { InputType, JsonValue, Plan, PlanInput } from '../types.ts';
import { asText } from '../variables/values.ts';

export type BatchConfig = Readonly<Record<string, JsonValue>>;

/** Config keys that steer the batch itself; they need not be declared or used. */
export const BATCH_SETTINGS: ReadonlySet<string> = new Set(['PRIORITY', 'PREEMPTIBLE', 'RUN_MODE', 'RESUME_BATCH_ID']);

export function batchVariables({ inputs }: Plan, config: BatchConfig): Record<string, string> {
  const defaults = inputs.flatMap((input) => (input.default === undefined ? [] : [[input.name, input.default]]));
  const given = Object.entries(config).map(([name, value]) => [name, asText(value)]);
  return Object.fromEntries([...defaults, ...given]);
}

export function inputsWithoutValue({ inputs }: Plan, variables: Readonly<Record<string, string>>): PlanInput[] {
  return inputs.filter((input) => !Object.hasOwn(variables, input.name));
}

const SHAPES: Readonly<Partial<Record<InputType, RegExp>>> = {
  integer: /^-?\d+$/,
  number: /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/,
  boolean: /^(true|false|yes|no|1|0)$/i,
};

export function fitsType(type: InputType, value: string): boolean {
  if (type === 'json') return isJson(value);
  return SHAPES[type]?.test(value.trim()) ?? true;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
