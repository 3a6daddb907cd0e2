/** What a meta task does, from the text of its command. */
import type { CompiledMetaNode } from '../types.ts';

export function metaActionOf(command: string): CompiledMetaNode['action'] | undefined {
  const text = command.trim();
  return text === 'load_llm' || text === 'unload_llm' ? text : undefined;
}
