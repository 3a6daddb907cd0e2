/** A real engine process for tests, started through the port exactly as a supervisor would; gone after `stop`. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createEngines, probe, probeHealth, serverUrl } from '../../src/engines/index.ts';
import type { ProgramEngine, SlotsReading } from '../../src/engines/index.ts';
import { writeDemoModel } from '../../src/models/index.ts';
import type { DemoShape } from '../../src/models/index.ts';
import { freePort } from './free-port.ts';
import { makeSpec } from './make-spec.ts';
import type { SpecChanges } from './make-spec.ts';
import { until } from './patience.ts';

export interface EngineProcess {
  readonly url: string;
  readonly pid: number;
  /** Health values in the order they were first seen, until ready. */
  readonly healthSeen: readonly string[];
  readonly stderr: () => string;
  /** GETs or POSTs JSON; the connection is not kept. */
  call(path: string, body?: object, signal?: AbortSignal): Promise<Response>;
  slots(): Promise<SlotsReading>;
  /** Ends it as a supervisor does and resolves to its exit code and how long it took. */
  stop(): Promise<{ readonly code: number | null; readonly signal: string | null; readonly tookMs: number }>;
}

export interface EngineWish {
  readonly kind: ProgramEngine['kind'];
  /** The program of a llama-server. */
  readonly path?: string;
  readonly key?: string;
  readonly changes?: SpecChanges;
  /** A larger demo model than the usual one. */
  readonly shape?: DemoShape;
}

export async function startEngine({ kind, path, key, shape, changes = {} }: EngineWish): Promise<EngineProcess> {
  const home = mkdtempSync(join(tmpdir(), 'drover-engine-'));
  const model = writeDemoModel(join(home, 'demo.gguf'), shape);
  const engine = createEngines({ home, environment: process.env })[kind];
  const spec = makeSpec({
    ...changes,
    name: 'demo',
    engine: { kind, ...(path === undefined ? {} : { path }), ...changes.engine },
    model: { path: model.path, contextSize: 1024, ...changes.model },
    server: { parallel: 4, ...changes.server },
  });
  const port = await freePort();
  const command = engine.buildCommand(spec, {
    binary: await engine.locate(spec),
    port,
    key: key ?? null,
    threads: 1,
    devices: [],
    environment: process.env,
  });
  const child = spawn(command.file, command.args, { env: command.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('close', (code, signal) => {
      rmSync(home, { recursive: true, force: true });
      resolve({ code, signal });
    }),
  );
  const target = { url: serverUrl('127.0.0.1', port), key: key ?? null, timeoutMs: 2_000 };
  const url = `http://127.0.0.1:${port}`;
  const headers = { connection: 'close', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };

  const healthSeen: string[] = [];
  const looks = async (): Promise<string> => {
    if (child.exitCode !== null) throw new Error(`the engine ended with ${child.exitCode}: ${stderr}`);
    const { health } = await probeHealth(engine, spec, target);
    if (healthSeen.at(-1) !== health) healthSeen.push(health);
    return health;
  };
  try {
    await until(looks, (health) => health === 'healthy');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    pid: child.pid ?? 0,
    healthSeen,
    stderr: () => stderr,
    call: (route, body, signal) =>
      fetch(url + route, {
        headers,
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
      }),
    async slots() {
      const reply = await probe('/slots', target);
      const reading = reply.kind === 'response' ? engine.parseSlots(reply.body) : null;
      if (reading === null) throw new Error(`no slots: ${JSON.stringify(reply)}`);
      return reading;
    },
    async stop() {
      const startedAt = performance.now();
      child.kill('SIGTERM');
      const how = await exited;
      return { ...how, tookMs: performance.now() - startedAt };
    },
  };
}

/** The data of a stream's events, `[DONE]` left out. */
export async function readEvents(response: Response): Promise<readonly Record<string, unknown>[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: ') && !frame.includes('[DONE]'))
    .map((frame) => JSON.parse(frame.slice('data: '.length)) as Record<string, unknown>);
}
