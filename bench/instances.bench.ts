/**
 * The numbers of instances, with pm2 and supervisord beside them where they can be compared.
 * Run: `npm run bench -- instances [PART …] [--rounds N] [--herd N] [--idle SECONDS] [--port FIRST]`, where PART is one
 * of up, crash, herd, ps, install; all of them when none is named.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Contestant } from './instances/contestant.ts';
import { measureCrashes, measureDecisions } from './instances/crash.ts';
import { openDrover } from './instances/drover.ts';
import type { DroverContestant } from './instances/drover.ts';
import { measureHerd } from './instances/herd.ts';
import { measureInstall } from './instances/install.ts';
import { openPm2 } from './instances/pm2.ts';
import { makeProgram, portsFrom } from './instances/program.ts';
import type { Program } from './instances/program.ts';
import { measurePs } from './instances/ps.ts';
import { openSupervisord } from './instances/supervisord.ts';
import { measureEmbeddedUp, measureUp } from './instances/up.ts';
import type { UpTimes } from './instances/up.ts';
import { median, numberFrom, printTable, roundsFrom } from './support.ts';

const CRASHES_PER_ROUND = 5;
const PS_PER_ROUND = 5;

const rounds = roundsFrom(process.argv);
const herdSize = numberFrom(process.argv, '--herd', 100);
const idleMs = 1_000 * numberFrom(process.argv, '--idle', 60);
const port = numberFrom(process.argv, '--port', 28_100);
const parts = process.argv.slice(2).filter((word) => /^[a-z]+$/.test(word));

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { up, crash, herd, ps, install };

interface Bench {
  readonly folder: string;
  readonly program: Program;
}

const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
try {
  const bench = { folder, program: makeProgram(folder) };
  for (const [name, run] of Object.entries(PARTS)) if (parts.length === 0 || parts.includes(name)) await run(bench);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function up({ program }: Bench): Promise<void> {
  const drover = await openDrover(program);
  const times = { fake: [] as UpTimes[], embedded: [] as UpTimes[] };
  try {
    await measureUp(drover, program, port);
    for (let round = 0; round < rounds; round++) {
      times.fake.push(await measureUp(drover, program, port));
      times.embedded.push(await measureEmbeddedUp(drover, port + 1));
    }
    const bare = measurePs(drover.house, PS_PER_ROUND);
    printTable(`up, median of ${rounds} rounds, ms (node -e 0 alone: ${Math.round(bare.bare)})`, [
      upRow('fake engine', times.fake),
      upRow('embedded engine, demo model', times.embedded),
    ]);
  } finally {
    await drover.close();
  }
}

function upRow(what: string, times: readonly UpTimes[]): Readonly<Record<string, string | number>> {
  return {
    what,
    'engine alone': median(times.map(({ alone }) => alone)),
    'drover up': median(times.map((each) => each.up)),
    over: median(times.map((each) => each.up - each.alone)),
  };
}

async function crash({ folder: place, program }: Bench): Promise<void> {
  const crashes = rounds * CRASHES_PER_ROUND;
  const rows: Readonly<Record<string, string | number>>[] = [];
  await withAll({ folder: place, program }, async (contestant, drover) => {
    const times = await measureCrashes(contestant, program, { port, crashes });
    rows.push(crashRow(`${contestant.name}: kill to new process`, times));
    if (drover === null) return;
    const decisions = await measureDecisions(drover, program, { port: port + 1, crashes });
    rows.push(crashRow('drover: kill to decision, as a fact that a reader has', decisions));
  });
  printTable(`crash, ${crashes} kills each, ms`, rows);
}

function crashRow(what: string, times: readonly number[]): Readonly<Record<string, string | number>> {
  return { what, median: median(times), slowest: Math.max(...times) };
}

async function herd({ folder: place, program }: Bench): Promise<void> {
  const ports = portsFrom(port, herdSize);
  const rows: Readonly<Record<string, string | number>>[] = [];
  await withAll({ folder: place, program }, async (contestant) => {
    for (const row of await measureHerd(contestant, ports, idleMs)) {
      rows.push({
        what: row.what,
        'start s': row.startSeconds,
        'CPU % of a core': row.cpuPercent,
        'RSS MB': row.rssMb,
      });
    }
  });
  printTable(`${herdSize} programs: start, then ${idleMs / 1_000} s idle`, rows);
}

async function ps({ program }: Bench): Promise<void> {
  const drover = await openDrover(program);
  try {
    await drover.start([port]);
    const { bare, ps: whole } = measurePs(drover.house, rounds * PS_PER_ROUND);
    printTable(`drover ps --json, whole process, median of ${rounds * PS_PER_ROUND} interleaved runs, ms`, [
      { 'node -e 0': bare, 'drover ps --json': whole, over: whole - bare },
    ]);
  } finally {
    await drover.close();
  }
}

async function install({ folder: place }: Bench): Promise<void> {
  const { seconds, compilers, withNetwork } = await measureInstall(join(place, 'install'));
  printTable('npm ci in a fresh clone, its cache filled before', [
    {
      network: withNetwork ? 'there (no namespaces here)' : 'none',
      seconds,
      'compilers called': compilers.join(', ') || 'none',
    },
  ]);
}

/** One after the other, each alone on the machine. */
async function withAll(
  { folder: place, program }: Bench,
  measure: (contestant: Contestant, drover: DroverContestant | null) => Promise<void>,
): Promise<void> {
  const drover = await openDrover(program);
  try {
    await measure(drover, drover);
  } finally {
    await drover.close();
  }
  for (const peer of [openPm2(program, place), openSupervisord(program, place)]) {
    if (peer === null) continue;
    try {
      await measure(peer, null);
    } finally {
      await peer.close();
    }
  }
}
