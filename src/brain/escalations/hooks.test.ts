import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { NO_HOOKS } from '../../../test/support/brain-house.ts';
import { until } from '../../../test/support/patience.ts';
import type { EscalationView } from '../../contract/index.ts';
import { callHook } from './hooks.ts';

test('a command whose child went into a session of its own, and holds what it prints to, is given up when its time is up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-hooks-'));
  const pidIn = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'));
  onTestFinished(() => {
    process.kill(pidIn('child'), 'SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const time = new AbortController();
  const command = `cd ${folder}; echo $$ > command; setsid bash -c 'echo $$ > child; exec sleep 300' & until [ -s child ]; do :; done`;
  const hooks = { ...NO_HOOKS, escalationCommand: command };
  const escalation = { id: 1, kind: 'failing_task' } as unknown as EscalationView; // the hook passes it on as it is

  const called = callHook('command', escalation, { hooks, environment: process.env, signal: time.signal });
  await until(() => existsSync(join(folder, 'child')) && !existsSync(`/proc/${pidIn('command')}`));
  time.abort(new Error('no answer in time'));

  await expect(called).resolves.toBeNull();
});
