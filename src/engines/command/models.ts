/** Which model a server says that it serves, from its `/v1/models`. Pure; a body of another shape says nothing. */

import type { InstanceSpec } from '../../contract/index.ts';

/** Null when one of the instance's own names is served, or nothing is told. */
export function servedModel(spec: InstanceSpec, modelsBody: string | null): string | null {
  const served = modelsBody === null ? [] : listedModels(modelsBody);
  const ours = [spec.name, ...spec.model.aliases];
  if (served.length === 0 || served.some((id) => ours.includes(id))) return null;
  const wanted = [spec.model.id, spec.model.path];
  return served.find((id) => wanted.includes(id)) ?? served[0] ?? null;
}

/** The ids of an OpenAI model list. */
function listedModels(body: string): readonly string[] {
  const entries = listOf(parse(body));
  return entries.flatMap((entry) => {
    const id: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'id') : undefined;
    return typeof id === 'string' && id !== '' ? [id] : [];
  });
}

function listOf(value: unknown): readonly unknown[] {
  const data: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'data') : undefined;
  return Array.isArray(data) ? data : [];
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // not JSON is an expected answer of a foreign server
  }
}
