/** What a request is in the words of OpenTelemetry (`gen_ai.operation.name`), by the path that it came on. Pure. */

import { OTHER } from './metrics/labels.ts';

const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/responses', 'chat'],
  ['/v1/messages', 'chat'],
  ['/api/chat', 'chat'],
  ['generate', 'chat'],
  ['/v1/completions', 'text_completion'],
  ['/completion', 'text_completion'],
  ['/completions', 'text_completion'],
  ['/infill', 'text_completion'],
  ['/api/generate', 'text_completion'],
  ['/v1/embeddings', 'embeddings'],
  ['/api/embed', 'embeddings'],
  ['/api/embeddings', 'embeddings'],
]);

export function operationOf(endpoint: string): string {
  return OPERATIONS.get(endpoint) ?? (endpoint.includes('rerank') ? 'rerank' : OTHER);
}
