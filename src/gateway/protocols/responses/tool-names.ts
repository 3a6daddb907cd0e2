/** Names of tools. A chat has no namespaces, in which clients group theirs: there each is a part of the name. Pure. */

import { isFields, listOf, textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';

/** As a client wants to hear of a call. */
export interface CalledTool {
  readonly name: string;
  readonly namespace?: string;
}

/** Tools in namespaces, by their names in a chat. */
export type ToolNames = ReadonlyMap<string, CalledTool>;

export function toolNamesOf(tools: unknown): ToolNames {
  const spaces = listOf(tools).filter(isFields).filter(isNamespace);
  return new Map(spaces.flatMap((space) => listOf(space['tools']).flatMap((tool) => namesIn(space, tool))));
}

export function isNamespace({ type }: Fields): boolean {
  return type === 'namespace';
}

function namesIn(space: Fields, tool: unknown): readonly (readonly [string, CalledTool])[] {
  if (!isFields(tool)) return [];
  const called = { name: textOf(tool['name']), namespace: textOf(space['name']) };
  return [[chatName(called), called]];
}

export function chatName({ name, namespace = '' }: CalledTool): string {
  if (namespace === '') return name;
  return namespace.endsWith('__') ? `${namespace}${name}` : `${namespace}__${name}`;
}

/** In a chat, of an item or a choice that may name a namespace. */
export function toolNameIn({ name, namespace }: Fields): string {
  return chatName({ name: textOf(name), namespace: textOf(namespace) });
}

/** What a model calls by a name that it was not told is called just that. */
export function calledTool(names: ToolNames, name: string): CalledTool {
  return names.get(name) ?? { name };
}
