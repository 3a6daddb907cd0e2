/**
 * Many instances, and everything that can happen to them, in an order drawn from a seed. In the end exactly what was
 * asked for runs, nothing else is left anywhere, and every process that ended has its fact.
 *
 * SOAK_INSTANCES, SOAK_EVENTS and SOAK_SEED make it longer: `SOAK_INSTANCES=50 SOAK_EVENTS=2000 npx vitest run
 * --project e2e test/e2e/soak.test.ts`.
 */

import { expect, test } from 'vitest';

import type { DeviceView, FactView, InstanceView, ModelView } from '../../src/contract/index.ts';
import { openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { openHerd } from '../support/soak/herd.ts';
import type { Herd } from '../support/soak/herd.ts';
import { engineProcesses, listeningPorts, openHandles, residentBytes } from '../support/soak/inspection.ts';
import { soakScript } from '../support/soak/script.ts';
import type { SoakEvent } from '../support/soak/script.ts';

const INSTANCES = Number(process.env['SOAK_INSTANCES'] ?? 10);
const EVENTS = Number(process.env['SOAK_EVENTS'] ?? 150);
const SEED = Number(process.env['SOAK_SEED'] ?? 20_261_121);
const FIRST_PORT = 31_000;
/** Room for all of them in the ledger, which books what the model would need. */
const ROOMY_RIG = '4x81920';
/** A hang is noticed after a few probes, a start takes a second where the machine is busy. */
const SETTLE_MS = 120_000 + INSTANCES * 1_000;
const TIMEOUT_MS = 2 * SETTLE_MS + EVENTS * 2_000;

test(
  `a soak of ${EVENTS} events over ${INSTANCES} instances (seed ${SEED}) ends with exactly what was asked for`,
  { timeout: TIMEOUT_MS },
  async () => {
    await using house = await openHouse({ DROVER_SIMULATE_RIG: ROOMY_RIG });
    await house.drover('config', 'set', 'instance_port_from', String(FIRST_PORT));
    await house.drover('models', 'demo');
    const model = (await house.json<ModelView[]>('models', 'ls')).find(({ id }) => id === 'demo');
    const herd = openHerd(house, INSTANCES, model?.path ?? '');

    await play(herd, soakScript({ seed: SEED, instances: INSTANCES, events: EVENTS }));
    const rows = await untilAsWanted(herd);
    const handlesBefore = daemonHandles(house);
    await play(herd, crashesOf(herd));
    const rowsAfter = await untilAsWanted(herd);

    expectOnlyTheWanted(house, herd, rowsAfter);
    await expectBooksClosed(house, rowsAfter);
    expectNoHandleLost(handlesBefore, daemonHandles(house));
    expect(residentBytes(house.pidOf('agent'))).toBeLessThan(150 * 1024 ** 2);
    await expectEveryEndToldOnce(house, herd);
    expect(rows.length).toBe(INSTANCES);
  },
);

async function play(herd: Herd, events: readonly SoakEvent[]): Promise<void> {
  for (const event of events) {
    await herd.perform(event);
    // The soak is the load: its pauses are part of the script, nothing waits for them to be long enough.
    await new Promise((next) => setTimeout(next, event.pauseMs));
  }
  await herd.settled();
}

/** One more crash of everything that runs, with the daemons left alone: what leaks shows between two such rounds. */
function crashesOf(herd: Herd): SoakEvent[] {
  return herd.names.map((_, instance) => ({ deed: 'crash', instance, pauseMs: 50 }));
}

/** Rejects with what is not as it was asked for. */
async function untilAsWanted(herd: Herd): Promise<readonly InstanceView[]> {
  const look = async () => {
    const rows = await herd.rows();
    return { wrong: rows.filter((row) => !isAsWanted(herd, row)), rows };
  };
  const seen = await until(look, ({ rows, wrong }) => rows.length === INSTANCES && wrong.length === 0, SETTLE_MS);
  return seen.rows;
}

function isAsWanted(herd: Herd, row: InstanceView): boolean {
  const wanted = herd.wanted.get(row.name) ?? 'stopped';
  return wanted === 'running' ? row.status === 'ready' && row.health === 'healthy' : row.status === 'stopped';
}

/** One process tree for each that runs (two processes where the engine forks), each on its own port, and none besides. */
function expectOnlyTheWanted(house: House, herd: Herd, rows: readonly InstanceView[]): void {
  const running = rows.filter((row) => row.status === 'ready');
  const engines = engineProcesses(house.home, house.processes());
  expect([...engines.keys()].toSorted()).toEqual(running.map((row) => row.name));
  for (const row of running) {
    expect(engines.get(row.name)).toContain(row.pid);
    expect(engines.get(row.name)).toHaveLength(herd.forks(row.name) ? 2 : 1);
  }
  const ports = running.map((row) => row.port ?? 0).toSorted((a, b) => a - b);
  expect(listeningPorts([...engines.values()].flat())).toEqual(ports);
  // A lease that is never given back would push new ones ever higher.
  expect(Math.max(0, ...ports)).toBeLessThan(FIRST_PORT + 2 * INSTANCES);
}

async function expectBooksClosed(house: House, rows: readonly InstanceView[]): Promise<void> {
  const running = rows.filter((row) => row.status === 'ready').map((row) => row.name);
  const details = await Promise.all(running.map((name) => house.json<Described>('describe', name)));
  const needed = details.reduce((sum, { report }) => sum + report.memory_bytes, 0);
  const reserved = (): Promise<number> =>
    house
      .json<DeviceView[]>('devices', 'ls')
      .then((all) => all.reduce((sum, { reserved_bytes: bytes }) => sum + bytes, 0));
  expect(await until(reserved, (bytes) => bytes === needed)).toBe(needed);
}

interface Described {
  readonly report: { readonly memory_bytes: number };
}

async function expectEveryEndToldOnce(house: House, herd: Herd): Promise<void> {
  const exits = (await allFacts(herd)).filter((fact) => fact.type === 'instance.exited');
  const toldOf = ({ name, pid }: { name: string; pid: number }): FactView[] =>
    exits.filter(({ subject, data }) => subject === `instance:${name}` && (data as { pid: number }).pid === pid);
  const told = herd.killed.map((killed) => toldOf(killed).length);
  expect(told).toEqual(herd.killed.map(() => 1));
  const launches = exits.map(({ subject, data }) => `${subject} ${(data as { launch: number }).launch}`);
  expect(new Set(launches).size).toBe(launches.length);
  expect(house.processes().length).toBeGreaterThan(0);
}

async function allFacts(herd: Herd): Promise<readonly FactView[]> {
  const all: FactView[] = [];
  for (;;) {
    const page = await herd.client.facts({ after: all.at(-1)?.seq ?? 0, limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

type Handles = Readonly<Record<'agent' | 'controller', ReturnType<typeof openHandles>>>;

function daemonHandles(house: House): Handles {
  return { agent: openHandles(house.pidOf('agent')), controller: openHandles(house.pidOf('controller')) };
}

/** Files as before, but for what is open for an instant; at most a probe and a request to each engine. */
function expectNoHandleLost(before: Handles, after: Handles): void {
  for (const daemon of ['agent', 'controller'] as const) {
    expect(after[daemon].files).toBeLessThanOrEqual(before[daemon].files + 3);
    expect(after[daemon].sockets).toBeLessThanOrEqual(2 * INSTANCES + 10);
  }
}
