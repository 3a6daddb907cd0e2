/**
 * A call of each route for `docs/http-api.md`, to be pasted into a shell: what stands for the parameters of its path, and
 * the query or body that it needs. A test holds them against the schemas of the routes.
 */

export interface RouteExample {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as bytes: `@FILE`. */
  readonly file?: string;
}

/** Parameters of paths by the first noun of the path. Those with a `$` are variables of the reader's shell. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  instances: { name: 'alpha' },
  models: { id: 'demo', name: 'demo.gguf' },
  pools: { model: 'demo' },
  plans: { name: 'library' },
  batches: { id: '$BATCH', task: '$TASK' },
  escalations: { id: '$ESCALATION' },
  training: { id: '$SAMPLE' },
  requests: { id: '$REQUEST' },
  tasks: { id: '$TASK' },
  sessions: { id: 'notes' },
  artifacts: { id: '$ARTIFACT' },
  keys: { id: '$KEY' },
  devices: { id: 'cpu' },
};

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const ROUTE_EXAMPLES: Readonly<Record<string, RouteExample>> = {
  'PUT /v2/instances/{name}': { body: { name: 'alpha', model: { id: 'demo' }, engine: { kind: 'embedded' } } },
  'POST /v2/instances/{name}/start': { body: { wait: false } },
  'POST /v2/workers': { body: { model: 'demo', backend: 'cpu' } },
  'POST /v2/models/pull': { body: { reference: 'hf:ORG/REPO:Q4_K_M', name: 'qwen' } },
  'POST /v2/models': { body: { id: 'qwen', path: '/models/qwen.gguf' } },
  'POST /v2/models/import': { body: { id: 'qwen', path: '/models/qwen.gguf' } },
  'POST /api/pull': { body: { model: 'hf.co/ORG/REPO:Q4_K_M' } },
  'DELETE /api/delete': { body: { model: 'qwen' } },
  'POST /v2/plans': { query: { name: 'library' }, file: 'library.tar' },
  'POST /v2/plans/lint': { body: { text: '# Plan: one\n## Tasks\n### a\n- **command**: `true`\n' } },
  'POST /v2/batches': { body: { folder: '/plans/library', priority: 'high' } },
  'POST /v2/batches/{id}/retry': { body: { failed: true } },
  'POST /v2/batches/{id}/tasks/{task}/signal': { body: { signal: 'abort' } },
  'POST /v2/escalations/{id}/answer': { body: { answer: 'retry' } },
  'POST /v2/training/samples/{id}/review': { body: { rating: 5 } },
  'POST /v2/tasks': { body: { model: 'demo', prompt: 'hello', max_tokens: 32 } },
  'PUT /v2/sessions/{id}': { body: { budget_tokens: 10_000 } },
  'POST /v2/artifacts': { query: { content_type: 'text/plain' }, file: 'notes.txt' },
  'POST /v2/keys': { body: { name: 'editor', scopes: ['inference'], rpm: 60 } },
  'POST /v2/devices/{id}/signal': { body: { signal: 'abort' } },
  'POST /v2/devices/{id}/reserve': { body: { for_ms: 3_600_000, reason: 'a talk' } },
  'POST /v2/devices/{id}/quarantine': { body: { reason: 'errors of its memory' } },
  'PUT /v2/devices/{id}/roles': { body: { roles: ['tasks'] } },
  'GET /v2/benches': { query: { kind: 'model' } },
  'POST /v2/benches': { body: { kind: 'model', subject: 'demo', result: { tokens_per_second: 40 } } },
  'POST /v2/models/{id}/offer': {
    body: {
      source: 'file',
      files: [{ name: 'demo.gguf', size_bytes: 4096, sha256: SHA256, role: 'weights' }],
    },
  },
  'PUT /v2/models/{id}/files/{name}': {
    query: { from: '0', size_bytes: '4096', sha256: SHA256 },
    file: 'demo.gguf',
  },
};

/** `api PATH …` in the words of the page's head. */
export function exampleCall(method: string, path: string): string {
  const { query, body, file } = ROUTE_EXAMPLES[`${method} ${path}`] ?? {};
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
  const json = body === undefined ? '' : ` --json '${JSON.stringify(body)}'`;
  const bytes = file === undefined ? '' : ` -H 'content-type: application/octet-stream' --data-binary @${file}`;
  const sent = method === 'GET' || (method === 'POST' && json !== '') ? '' : ` -X ${method}`;
  const address = `${named(path)}${search}`;
  return `api ${/[$?&]/.test(address) ? `"${address}"` : address}${sent}${json}${bytes}`;
}

function named(path: string): string {
  const noun = path.split('/').find((word) => word in NAMES) ?? '';
  return path.replace(/\{(\w+)\}/g, (whole, name: string) => NAMES[noun]?.[name] ?? whole);
}
