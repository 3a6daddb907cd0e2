/** Drover as a contestant: one instance per port, engine kind `llama-server` with the program as its binary. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openHouse } from '../../test/support/house.ts';
import type { House } from '../../test/support/house.ts';
import type { Contestant } from './contestant.ts';
import type { Program } from './program.ts';

export interface DroverContestant extends Contestant {
  readonly house: House;
}

/** The ledger books what the model would need: a hundred of them want cards that this machine has not. */
const ROOMY_RIG = '4x81920';

export async function openDrover(program: Program): Promise<DroverContestant> {
  const house = await openHouse({ DROVER_SIMULATE_RIG: ROOMY_RIG });
  await house.drover('models', 'demo');
  return {
    name: 'drover',
    house,
    async start(ports) {
      for (const port of ports)
        writeInstance(house, { port, program, restart: { initial_delay: 0 }, gpu: { backend: 'cuda' } });
      await expectOk(house, 'up', '--all');
    },
    stop: () => expectOk(house, 'down', '--all', '--force'),
    managers: () => [
      { name: 'controller', pid: house.pidOf('controller') },
      { name: 'agent', pid: house.pidOf('agent') },
    ],
    close: async () => house[Symbol.asyncDispose](),
  };
}

export function instanceName(port: number): string {
  return `port-${port}`;
}

export interface BenchInstance {
  readonly port: number;
  readonly program: Program;
  readonly restart?: Readonly<Record<string, unknown>>;
  readonly gpu?: Readonly<Record<string, unknown>>;
}

/** No limit on restarts: the bench crashes it on purpose, again and again. */
export function writeInstance(house: House, { port, program, restart, gpu = {} }: BenchInstance): void {
  const folder = join(house.home, 'instances', instanceName(port));
  mkdirSync(folder, { recursive: true });
  const config = {
    name: instanceName(port),
    engine: { kind: 'llama-server', path: program.file },
    model: { path: join(house.home, 'models', 'demo.gguf'), context_size: 512 },
    server: { port },
    gpu,
    restart: { max_retries: 100, window: '1s', ...restart },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

export async function expectOk(house: House, ...args: string[]): Promise<void> {
  const ran = await house.drover(...args);
  if (ran.code !== 0) throw new Error(`drover ${args.join(' ')} ended with ${ran.code}: ${ran.stderr}`);
}
