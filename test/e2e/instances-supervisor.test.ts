/** The supervisor over real processes: the fake engine starts, crashes, hangs, ignores signals, forks, is adopted. */

import { readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { InstanceReport } from '../../src/contract/index.ts';
import { logFiles } from '../../src/instances/index.ts';
import { groupMembers, identifyProcess, readLogs, systemClock } from '../../src/kernel/index.ts';
import type { ProcessIdentity } from '../../src/kernel/index.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/patience.ts';
import { createSupervisedHost, enginePids, fakeSpec } from '../support/supervised-host.ts';
import type { Life, SupervisedHost } from '../support/supervised-host.ts';

let host: SupervisedHost;
let life: Life;

beforeEach(async () => {
  host = await createSupervisedHost();
  life = await host.live();
});

afterEach(() => host.close());

test('an instance that is wanted starts, becomes ready, and is gone after a stop', async () => {
  const spec = fakeSpec({ LOAD_MS: '100' });

  life.supervisor.apply([{ spec, desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');
  const answer = await fetch(`http://${ready.host}:${ready.port}/v1/models`, {
    headers: { authorization: `Bearer ${ready.key}` },
  });
  const stopped = await life.supervisor.ensureStopped('qwen');

  expect(answer.status).toBe(200);
  expect(ready).toMatchObject({ state: 'ready', health: 'healthy', devices: ['cpu'], restarts: 0 });
  expect(stopped).toMatchObject({ state: 'stopped', pid: null, port: null, desired: 'stopped' });
  expect(life.statesOf('qwen')).toEqual(['starting', 'loading', 'ready', 'stopping', 'stopped']);
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('the engine carries the name of its instance, and its key never shows on the command line', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);

  const { pid, key } = await life.supervisor.ensureReady('qwen');

  expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).toContain('DROVER_INSTANCE=qwen\0');
  expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toContain(String(key));
});

test('two `up` at once start one engine', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ LOAD_MS: '100' }), desired: 'running' }]);

  const [first, second] = await Promise.all([life.supervisor.ensureReady('qwen'), life.supervisor.ensureReady('qwen')]);

  expect(first.pid).toBe(second.pid);
  expect(enginePids(host.home, 'qwen')).toEqual([first.pid]);
});

test('crash is restarted although somebody looked first', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  process.kill(Number(first.pid), 'SIGKILL');
  life.supervisor.reports();
  const second = await life.until('qwen', (report) => report.state === 'ready' && report.pid !== first.pid);

  expect(second).toMatchObject({ restarts: 1, lastExit: { code: null, signal: 'SIGKILL' } });
  expect(life.statesOf('qwen').slice(2)).toEqual(['ready', 'backoff', 'starting', 'loading', 'ready']);
});

test('a failed start is told at once with the last line of stderr, and the budget ends in failed', async () => {
  const spec = fakeSpec({ EXIT_AT_START: '3', STDERR: 'no such tensor' }, { restart: { maxRetries: 2 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');
  await expect(refused).rejects.toMatchObject({
    code: 'ENGINE_START_FAILED',
    message: 'qwen exited with code 3 before it was ready: no such tensor',
  });
  const failed = await life.until('qwen', (report) => report.state === 'failed');

  expect(failed).toMatchObject({ restarts: 2, lastExit: { code: 3, tail: 'no such tensor\n' } });
  expect(failed.failure).toMatchObject({ code: 'ENGINE_START_FAILED' });
  expect(failed.failure?.hint).toContain('"drover up qwen"');
});

test('a failure is still there in the next life of the agent, and an operator leads out of it', async () => {
  const broken = fakeSpec({ EXIT_AT_START: '3' }, { restart: { maxRetries: 0 } });
  life.supervisor.apply([{ spec: broken, desired: 'running' }]);
  await life.until('qwen', (report) => report.state === 'failed');
  await life.end();

  const next = await host.live();
  next.supervisor.apply([{ spec: broken, desired: 'running' }]);
  expect(next.supervisor.reports()).toMatchObject([{ state: 'failed' }]);
  next.supervisor.apply([{ spec: fakeSpec({}, { fingerprint: 'f2' }), desired: 'running' }]);

  expect(await next.supervisor.ensureReady('qwen')).toMatchObject({ state: 'ready' });
});

test('an engine that never gets ready is bounded by load_timeout', async () => {
  const spec = fakeSpec({ NEVER_READY: '1' }, { health: { loadTimeoutMs: 400 }, restart: { maxRetries: 0 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toMatchObject({ code: 'ENGINE_START_FAILED' });
  await expect(refused).rejects.toThrow('qwen was not ready within its load_timeout of 400ms');
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('an engine that stops answering is ended and started again', async () => {
  const spec = fakeSpec({ HANG: 'health', HANG_AFTER_MS: '100' }, { health: { timeoutMs: 400 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  await life.until('qwen', (report) => report.state === 'unhealthy');
  const second = await life.until('qwen', (report) => report.state === 'ready' && report.pid !== first.pid);

  expect(second.restarts).toBe(1);
});

test('an engine that ignores SIGTERM is killed after its grace', async () => {
  const spec = fakeSpec({ IGNORE_SIGTERM: '1' }, { stop: { graceMs: 200 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');

  const stopped = await life.supervisor.ensureStopped('qwen');

  expect(stopped).toMatchObject({ state: 'stopped', lastExit: { signal: 'SIGKILL' } });
});

test.each(['1', 'detached'])('a forking launcher leaves no orphan after a stop (child: %s)', async (how) => {
  life.supervisor.apply([{ spec: fakeSpec({ FORK_CHILD: how }), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  expect(enginePids(host.home, 'qwen')).toHaveLength(2);

  await life.supervisor.ensureStopped('qwen');

  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('a child that gave up its environment is found by its group, and gone after a stop', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ FORK_CHILD: 'bare' }), desired: 'running' }]);
  const { pid } = await life.supervisor.ensureReady('qwen');
  const members = groupMembers(identityOf(Number(pid)));

  await life.supervisor.ensureStopped('qwen');

  expect(members).toHaveLength(2);
  expect(members.map(identifyProcess)).toEqual([null, null]);
});

function identityOf(pid: number): ProcessIdentity {
  const identity = identifyProcess(pid);
  if (identity === null) throw new Error(`no process ${pid}`);
  return identity;
}

test('what a crashed engine leaves behind is cleared before the next start', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ FORK_CHILD: 'detached' }), desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');
  const before = enginePids(host.home, 'qwen');

  process.kill(Number(first.pid), 'SIGKILL');
  await life.until('qwen', (report) => report.state === 'ready' && report.pid !== first.pid);

  expect(enginePids(host.home, 'qwen').filter((pid) => before.includes(pid))).toEqual([]);
});

test('a running engine keeps its pid through the end and the new begin of the agent', async () => {
  const spec = fakeSpec();
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const before = await life.supervisor.ensureReady('qwen');
  await life.end();

  const next = await host.live();
  next.supervisor.apply([{ spec, desired: 'running' }]);
  const after = await next.supervisor.ensureReady('qwen');

  expect(after).toMatchObject({ pid: before.pid, port: before.port, key: before.key, restarts: 0 });
  expect(enginePids(host.home, 'qwen')).toEqual([before.pid]);
  await next.until('qwen', (report) => report.health === 'healthy');
});

test('the report tells the context that the engine has in truth, in the next life of the agent too', async () => {
  const spec = fakeSpec({}, { model: { contextSize: 4_096 }, args: ['--ctx-size', '2048'] });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const before = await life.supervisor.ensureReady('qwen');
  await life.end();
  const next = await host.live();
  next.supervisor.apply([{ spec, desired: 'running' }]);
  const after = await next.supervisor.ensureReady('qwen');

  expect(before.contextSize).toBe(2_048);
  expect(after).toMatchObject({ pid: before.pid, contextSize: 2_048 });
});

test('an engine that ended while no agent was there counts as a crash with its exit code', async () => {
  const spec = fakeSpec();
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const before = await life.supervisor.ensureReady('qwen');
  await life.end();
  process.kill(Number(before.pid), 'SIGSEGV');
  const next = await host.live();

  const after = await next.until('qwen', (report) => report.state === 'ready' && report.pid !== before.pid);

  expect(after).toMatchObject({ restarts: 1, lastExit: { signal: 'SIGSEGV' } });
});

test('pid reuse does not fool adoption: whoever has the pid by now is neither adopted nor touched', async () => {
  const spec = fakeSpec({}, { restart: { initialDelayMs: 10 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const before = await life.supervisor.ensureReady('qwen');
  await life.end();
  process.kill(Number(before.pid), 'SIGKILL');
  const path = join(host.home, 'agent', 'instances', 'qwen.json');
  const record = JSON.parse(readFileSync(path, 'utf8')) as { process: { identity: { pid: number } } };
  record.process.identity.pid = process.pid;
  writeFileSync(path, JSON.stringify(record));

  const next = await host.live();
  const after = await next.until('qwen', (report) => report.state === 'ready');

  expect(after.pid).not.toBe(process.pid);
  expect(after.pid).not.toBe(before.pid);
});

test('reload with an unrelated edit stops nothing, and a changed fingerprint restarts', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  life.supervisor.apply([{ spec: fakeSpec({}, { stop: { graceMs: 2_000 } }), desired: 'running' }]);
  const second = await life.supervisor.ensureReady('qwen');
  life.supervisor.apply([{ spec: fakeSpec({}, { fingerprint: 'f2' }), desired: 'running' }]);
  const third = await life.supervisor.ensureReady('qwen');

  expect(second.pid).toBe(first.pid);
  expect(third.pid).not.toBe(first.pid);
  expect(third).toMatchObject({ fingerprint: 'f2', restarts: 0 });
});

test('a configured port that another program holds is told with its name', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => stranger.once('listening', resolve));
  const { port } = stranger.address() as AddressInfo;
  life.supervisor.apply([{ spec: fakeSpec({}, { server: { port } }), desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await expect(refused).rejects.toThrow(`port ${port} of qwen is taken by pid ${process.pid}`);
  stranger.close();
});

test('port taken between check and bind is retried or told: one of our choice is chosen anew', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ LISTEN_MS: '400' }), desired: 'running' }]);
  const loading = await life.until('qwen', (report) => report.state === 'loading');
  const thief = createServer((_request, response) => response.end('{}')).listen(Number(loading.port), '127.0.0.1');

  const ready = await life.supervisor.ensureReady('qwen');

  expect(ready.port).not.toBe(loading.port);
  expect(ready.restarts).toBe(0);
  thief.close();
});

test('a stop waits for the request that runs', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ TOKEN_MS: '150' }), desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');
  const ask = (): Promise<Response> =>
    fetch(`http://${ready.host}:${ready.port}/v1/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ready.key}` },
      body: JSON.stringify({ prompt: 'hello', max_tokens: 20 }),
    });

  const running = ask();
  await slotIsBusy(ready);
  const stopping = life.supervisor.ensureStopped('qwen');
  const answer = await running;
  await stopping;

  expect(answer.status).toBe(200);
});

async function slotIsBusy(report: { host: string; port: number | null; key: string | null }): Promise<void> {
  await until(async () => {
    const answer = await fetch(`http://${report.host}:${report.port}/slots`, {
      headers: { authorization: `Bearer ${report.key}` },
    });
    const slots = (await answer.json()) as { is_processing: boolean }[];
    return slots.some((slot) => slot.is_processing);
  });
}

test('an instance that is stopped or unknown is refused by name', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'stopped' }]);

  await expect(life.supervisor.ensureReady('qwen')).rejects.toMatchObject({ code: 'INSTANCE_STOPPED' });
  await expect(life.supervisor.ensureReady('nobody')).rejects.toMatchObject({ code: 'INSTANCE_NOT_FOUND' });
});

test('a model that does not fit is refused with the arithmetic', async () => {
  const spec = fakeSpec({}, { model: { memoryBytes: 16 * 1024 ** 3 } });
  life.supervisor.apply([{ spec, desired: 'running' }]);

  const refused = life.supervisor.ensureReady('qwen');

  await expect(refused).rejects.toMatchObject({ code: 'MEMORY_INSUFFICIENT' });
  await expect(refused).rejects.toThrow(
    'qwen does not fit: cpu: need 16.0 GiB, free 8.0 GiB = 8.0 GiB total - 0 B instances - 0 B tasks',
  );
});

test('a forgotten instance is stopped and leaves no record', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  const gone = new Promise((resolve) => {
    life.supervisor.changes.subscribe((change) => change.kind === 'gone' && resolve(change.name));
  });

  life.supervisor.forget('qwen');

  expect(await gone).toBe('qwen');
  expect(life.supervisor.reports()).toEqual([]);
  expect((await host.live()).supervisor.reports()).toEqual([]);
});

test('a 200 KB log line does not stall anything, and is cut for its readers', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ LOG_LINE_BYTES: '200000' }), desired: 'running' }]);

  const ready = await life.supervisor.ensureReady('qwen');
  const { stderr } = logFiles(host.home, 'qwen');
  const reading = readLogs({ paths: [stderr], follow: false, signal: neverAborted, clock: systemClock });
  const lines = (await textOf(reading)).split('\n');

  expect(ready.state).toBe('ready');
  expect(lines.some((line) => /^x{65536} …\[134463 more\]$/.test(line))).toBe(true);
});

test('a stuck log reader does not freeze the engine', async () => {
  const spec = fakeSpec({ LOG_LINE_BYTES: '1000000' });
  life.supervisor.apply([{ spec, desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');
  const left = new AbortController();
  const { stderr } = logFiles(host.home, 'qwen');
  const stuck = readLogs({ paths: [stderr], follow: true, signal: left.signal, clock: systemClock });
  await stuck.next(); // and never again

  const answers = [];
  for (let request = 0; request < 20; request++) answers.push((await complete(ready)).status);
  left.abort();
  await stuck.return(undefined);

  expect(new Set(answers)).toEqual(new Set([200]));
  expect(statSync(stderr).size).toBeGreaterThan(20_000_000);
});

test('stop does not hang on a grandchild holding the pipe', async () => {
  life.supervisor.apply([{ spec: fakeSpec({ FORK_CHILD: 'detached', TERM_MS: '50' }), desired: 'running' }]);
  const ready = await life.supervisor.ensureReady('qwen');
  const grandchild = enginePids(host.home, 'qwen').find((pid) => pid !== ready.pid);
  const shared = readlinkSync(`/proc/${grandchild}/fd/2`);

  const stopped = await life.supervisor.ensureStopped('qwen');

  expect(shared).toBe(logFiles(host.home, 'qwen').stderr);
  expect(stopped.state).toBe('stopped');
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('reads never write: reports, specs and probes change neither the record nor the state', async () => {
  life.supervisor.apply([{ spec: fakeSpec({}, { health: { intervalMs: 60_000 } }), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');
  const path = join(host.home, 'agent', 'instances', 'qwen.json');
  const before = { text: readFileSync(path, 'utf8'), at: statSync(path).mtimeMs, reports: life.supervisor.reports() };

  life.supervisor.specOf('qwen');
  life.supervisor.takeProbes();
  life.supervisor.reports();

  expect(readFileSync(path, 'utf8')).toBe(before.text);
  expect(statSync(path).mtimeMs).toBe(before.at);
  expect(life.supervisor.reports()).toEqual(before.reports);
});

const neverAborted = new AbortController().signal;

async function textOf(reading: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of reading) text += piece;
  return text;
}

function complete({ url, key }: InstanceReport): Promise<Response> {
  return fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ prompt: 'hello', max_tokens: 1 }),
  });
}

test('a restart is one move: the old engine is gone, the new one answers, and no crash is counted', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  const first = await life.supervisor.ensureReady('qwen');

  const [second, third] = await Promise.all([life.supervisor.restart('qwen'), life.supervisor.restart('qwen')]);

  expect(second.pid).not.toBe(first.pid);
  expect(third.pid).toBe(second.pid);
  expect(second).toMatchObject({ state: 'ready', restarts: 0, ended: [{ asked: true, pid: first.pid }] });
  expect(life.statesOf('qwen').slice(3)).toEqual(['stopping', 'starting', 'loading', 'ready']);
  expect(enginePids(host.home, 'qwen')).toEqual([second.pid]);
});

test('a down that crosses a restart wins, and each is answered', async () => {
  life.supervisor.apply([{ spec: fakeSpec(), desired: 'running' }]);
  await life.supervisor.ensureReady('qwen');

  const restarting = life.supervisor.restart('qwen');
  const [restarted, stopped] = await Promise.allSettled([restarting, life.supervisor.ensureStopped('qwen')]);

  expect(restarted).toMatchObject({ status: 'rejected', reason: { code: 'INSTANCE_STOPPED' } });
  expect(stopped).toMatchObject({ status: 'fulfilled', value: { state: 'stopped' } });
  expect(enginePids(host.home, 'qwen')).toEqual([]);
});

test('what the engine binds is the port of the report', async () => {
  const port = await freePort();
  life.supervisor.apply([{ spec: fakeSpec({}, { server: { port } }), desired: 'running' }]);

  expect(await life.supervisor.ensureReady('qwen')).toMatchObject({ port, restarts: 0 });
});
