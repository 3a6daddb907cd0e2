/** One warm Drover of its own for a comparison: submits over the socket, waits by listening, tells what its daemons cost. */

import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

import type { BatchSummaryView, SubmitView } from '../../src/contract/index.ts';
import { openHouse } from '../../test/support/house.ts';
import type { House } from '../../test/support/house.ts';
import { planOf, writePlan } from '../../test/support/plans.ts';
import type { TaskLines } from '../../test/support/plans.ts';

export interface WarmDrover extends AsyncDisposable {
  readonly house: House;
  plan(tasks: readonly TaskLines[], files?: Readonly<Record<string, string>>): string;
  submit(folder: string): Promise<SubmitView>;
  /** Submits and waits for the end; throws when it was no success. Answers the batch's folder. */
  run(folder: string): Promise<string>;
  end(batchId: string): Promise<void>;
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Resident memory of the controller in MB: now, and the most it ever was. */
  memoryMb(): { readonly now: number; readonly most: number };
  /** CPU that a daemon has used so far, in ms; of the agent with its launcher shells and all that they ran. */
  cpuMs(daemon: 'controller' | 'agent'): number;
}

/** Clock ticks of /proc, which are 100 a second wherever Linux is met today. */
const TICK_MS = 10;

export async function warmDrover(): Promise<WarmDrover> {
  const house = await openHouse();
  await house.drover('daemon', 'start');
  const socketPath = join(house.home, 'run/drover.sock');
  const call = <T>(method: string, path: string, body?: unknown): Promise<T> => ask<T>(socketPath, method, path, body);
  const submit = (folder: string): Promise<SubmitView> =>
    call('POST', '/v2/batches', { folder, env: { PATH: process.env['PATH'] ?? '' } });
  const end = (batchId: string): Promise<void> => hearEnd(socketPath, batchId);
  return {
    house,
    call,
    submit,
    end,
    plan: (tasks, files) => writePlan(house.home, planOf('bench', tasks), files),
    async run(folder) {
      const { batch_id: id, path } = await submit(folder);
      await end(id);
      const { status } = await call<BatchSummaryView>('GET', `/v2/batches/${id}`);
      if (status !== 'succeeded') throw new Error(`batch ${id} ended ${status}`);
      return path;
    },
    memoryMb() {
      const text = readFileSync(`/proc/${house.pidOf('controller')}/status`, 'utf8');
      const mb = (field: string): number => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1]) / 1024;
      return { now: mb('VmRSS'), most: mb('VmHWM') };
    },
    cpuMs(daemon) {
      const pid = house.pidOf(daemon);
      const family = daemon === 'agent' ? [pid, ...childrenOf(pid)] : [pid];
      return family.reduce((sum, one) => sum + ticksOf(one), 0) * TICK_MS;
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Own time and that of children that have ended. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/** Listens, so that waiting costs the daemon nothing. */
function hearEnd(socketPath: string, batchId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = `/v2/events?after=0&subject=batch:${batchId}`;
    const sent = request({ agent: false, socketPath, path }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text = (text + data.toString()).slice(-4_096);
        if (!text.includes('"batch.ended"')) return;
        sent.destroy();
        resolve();
      });
    });
    sent.once('error', reject);
    sent.end();
  });
}

function ask<T>(socketPath: string, method: string, path: string, body?: unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ agent: false, socketPath, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += data.toString()));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 400) resolve(JSON.parse(text) as T);
        else reject(new Error(text));
      });
    });
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
