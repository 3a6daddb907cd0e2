/** `drover up`, the whole command, beside the engine alone from its spawn to its first healthy answer. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { ROOT } from '../../test/support/house.ts';
import { expectOk, instanceName, writeInstance } from './drover.ts';
import type { DroverContestant } from './drover.ts';
import { untilHealthy } from './program.ts';
import type { Program } from './program.ts';

export interface UpTimes {
  readonly alone: number;
  readonly up: number;
}

/** With the fake engine. */
export async function measureUp({ house }: DroverContestant, program: Program, port: number): Promise<UpTimes> {
  writeInstance(house, { port, program });
  const alone = await timeAlone(program.file, ['--port', String(port)], port);
  const up = await timed(() => expectOk(house, 'up', instanceName(port)));
  await expectOk(house, 'down', instanceName(port));
  return { alone, up };
}

/** With the embedded engine and the demo model. */
export async function measureEmbeddedUp({ house }: DroverContestant, port: number): Promise<UpTimes> {
  const model = join(house.home, 'models', 'demo.gguf');
  await house.drover('init', 'embedded', '--profile', 'cpu', '-m', 'demo', '--port', String(port), '--force');
  const worker = join(ROOT, 'dist/daemon/engine-worker.js');
  const args = [worker, '--model', model, '--port', String(port), '--threads', '1'];
  const alone = await timeAlone(process.execPath, args, port);
  const up = await timed(() => expectOk(house, 'up', 'embedded'));
  await expectOk(house, 'down', 'embedded');
  return { alone, up };
}

async function timeAlone(file: string, args: readonly string[], port: number): Promise<number> {
  const started = performance.now();
  const engine = spawn(file, args, { stdio: 'ignore' });
  await untilHealthy([port]);
  const ms = performance.now() - started;
  const ended = once(engine, 'exit');
  engine.kill('SIGKILL');
  await ended;
  return ms;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
