/** Nodes and plans for the tests of repairs. */

import type { CompiledPlan, CompiledShellNode } from '../../src/plans/index.ts';

export function shellNode(command: string): CompiledShellNode {
  return {
    type: 'shell',
    name: 'step',
    kind: 'template',
    foreach: { path: 'items.json', pointer: 'items' },
    taskClass: 'cpu',
    executor: 'worker',
    deps: [],
    retries: 2,
    timeoutMs: 60_000,
    priority: 5,
    env: {},
    requires: [],
    produces: ['out.txt'],
    line: 1,
    command: { language: 'bash', text: command },
    failCodes: [],
  };
}

export function planWith(node: CompiledShellNode): CompiledPlan {
  return { format: 1, name: 'test', objective: '', variables: { SOURCE: 'docs' }, nodes: [node] };
}
