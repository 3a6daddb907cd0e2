import { expect, test } from 'vitest';

import type { CompiledShellNode } from '../../plans/index.ts';
import { REPAIR_RULES } from './rules.ts';
import type { RepairCase } from './rules.ts';
import { patchNode } from './patch-node.ts';
import { planWith, shellNode } from '../../../test/support/repair-nodes.ts';

function repair(
  name: string,
  command: string,
  failure: Omit<RepairCase, 'node'>,
  more: Partial<CompiledShellNode> = {},
) {
  const node = { ...shellNode(command), ...more };
  const patch = REPAIR_RULES.find((rule) => rule.name === name)?.repair({ node, ...failure }) ?? null;
  return patch === null ? null : patchNode(node, patch, planWith(node));
}

test.each([
  [
    'python3',
    'python {PLAN_PATH}/scripts/a.py x && python -c 1',
    { exitCode: 127, said: 'bash: line 1: python: command not found' },
    'python3 {PLAN_PATH}/scripts/a.py x && python3 -c 1',
  ],
  [
    'python3',
    'A=1 exec /usr/bin/env python run.py',
    { exitCode: 127, said: "/usr/bin/env: 'python': No such file or directory" },
    'A=1 exec /usr/bin/env python3 run.py',
  ],
  [
    'execute-bit',
    '{PLAN_PATH}/scripts/count.sh {ITEM.id}',
    { exitCode: 126, said: 'bash: line 1: /plans/x/scripts/count.sh: Permission denied' },
    'bash {PLAN_PATH}/scripts/count.sh {ITEM.id}',
  ],
  [
    'execute-bit',
    'true; "{PLAN_PATH}/scripts/count.py"',
    { exitCode: 126, said: '/plans/x/scripts/count.py: Permission denied' },
    'true; python3 "{PLAN_PATH}/scripts/count.py"',
  ],
  [
    'plan-path',
    'scripts/count.sh {ITEM.id}',
    { exitCode: 127, said: 'bash: line 1: scripts/count.sh: No such file or directory' },
    '{PLAN_PATH}/scripts/count.sh {ITEM.id}',
  ],
  [
    'line-ends',
    '{PLAN_PATH}/scripts/dos.sh a',
    {
      exitCode: 126,
      said: 'bash: line 1: /plans/x/scripts/dos.sh: /bin/bash^M: bad interpreter: No such file or directory',
    },
    "bash <(tr -d '\\r' < {PLAN_PATH}/scripts/dos.sh) a",
  ],
])('%s mends %s', (name, command, failure, mended) => {
  const result = repair(name, command, failure);

  expect(result).toMatchObject({ kind: 'patched', node: { command: { text: mended } } });
});

test.each([
  ['python3', 'python3 x.py', { exitCode: 127, said: 'foo: command not found' }],
  ['python3', 'echo python', { exitCode: 127, said: 'python: command not found' }],
  ['execute-bit', 'cat /etc/shadow', { exitCode: 1, said: 'cat: /etc/shadow: Permission denied' }],
  ['plan-path', '{PLAN_PATH}/scripts/count.sh', { exitCode: 127, said: 'scripts/count.sh: No such file or directory' }],
])('%s leaves %s alone', (name, command, failure) => {
  expect(repair(name, command, failure)).toBeNull();
});

test('a class that was guessed becomes that of cards when a card is missing', () => {
  const failure = { exitCode: 1, said: 'RuntimeError: No CUDA GPUs are available' };

  const guessed = repair('device-class', 'python3 x.py', failure, { classProblem: 'missing' });
  const written = repair('device-class', 'python3 x.py', failure);

  expect(guessed).toMatchObject({ kind: 'patched', node: { taskClass: 'script' } });
  expect(written).toBeNull();
});
