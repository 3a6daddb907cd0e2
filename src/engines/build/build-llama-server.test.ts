import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { buildLlamaServer } from './build-llama-server.ts';
import type { BuildProgress, BuildRequest } from './build-llama-server.ts';

interface Workshop {
  readonly request: BuildRequest;
  readonly seen: BuildProgress[];
  /** The tool calls so far, a line each. */
  readonly calls: () => readonly string[];
  tool(name: string, script: string): void;
}

/** A home, and a PATH of tools that are shell scripts: they note their calls and do just enough. */
function workshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'drover-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bin = join(folder, 'bin');
  const log = join(folder, 'calls');
  mkdirSync(bin);
  writeFileSync(log, '');
  const tool = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of ['c++', 'make']) tool(name, '');
  tool('git', 'mkdir -p "$4"');
  tool('cmake', FINE_CMAKE);
  const seen: BuildProgress[] = [];
  return {
    seen,
    tool,
    calls: () => readFileSync(log, 'utf8').trim().split('\n'),
    request: {
      home: folder,
      environment: { PATH: `${bin}:/usr/bin:/bin` },
      backend: 'cpu',
      jobs: 2,
      onProgress: (progress) => seen.push(progress),
    },
  };
}

/** `--build DIR …` makes a program that tells its version; anything else configures. */
const FINE_CMAKE = `
if [ "$1" = --build ]; then
  echo "[ 50%] Building CXX object a.o"
  mkdir -p "$2/bin"
  printf '#!/bin/sh\\necho "version: built"\\n' > "$2/bin/llama-server"
  chmod +x "$2/bin/llama-server"
fi`;

test('a build unpacks, configures, compiles, installs and clears up', async () => {
  const { request, seen } = workshop();

  const engine = await buildLlamaServer(request);

  expect(engine).toMatchObject({ version: 'built', built: true });
  expect(engine.file.startsWith(join(request.home, 'engines/llama-server'))).toBe(true);
  expect(seen.find(({ share }) => share === 0.5)).toMatchObject({ phase: 'compile' });
  expect(seen.at(-1)?.phase).toBe('install');
  expect(readdirSync(join(request.home, 'engines/build'))).toEqual([]);
});

test('a compiler that gets AMX wrong is told to leave it, beside what the person tells it', async () => {
  const { request, tool, seen } = workshop();
  tool('c++', 'echo "c++ (Debian 12.2.0-14) 12.2.0"');
  tool('cmake', `echo "flags: $CXXFLAGS"\n${FINE_CMAKE}`);

  await buildLlamaServer({ ...request, environment: { ...request.environment, CXXFLAGS: '-g' } });

  expect(seen.map(({ line }) => line)).toContain('flags: -g -U__AMX_INT8__');
});

test('what is built already is not built again', async () => {
  const { request, calls } = workshop();

  await buildLlamaServer(request);
  const before = calls().length;
  const again = await buildLlamaServer(request);

  expect(again.built).toBe(false);
  expect(calls().length).toBe(before);
});

test('after a failed compilation the next run goes on where it stopped', async () => {
  const { request, calls, tool } = workshop();
  tool('cmake', 'if [ "$1" = --build ]; then echo "x.cpp:1: error: out of memory" >&2; exit 2; fi');

  await expect(buildLlamaServer(request)).rejects.toThrow('out of memory');
  tool('cmake', FINE_CMAKE);
  const engine = await buildLlamaServer(request);

  expect(engine.built).toBe(true);
  expect(calls().filter((call) => call.startsWith('git'))).toHaveLength(1);
});

test('missing tools are named with the command that installs them', async () => {
  const { request } = workshop();
  const environment = { PATH: '/nonexistent' };

  await expect(buildLlamaServer({ ...request, environment })).rejects.toMatchObject({
    code: 'ENGINE_BUILD_FAILED',
    message: 'building llama-server needs git, cmake, a C++ compiler, make or ninja',
    hint: expect.stringContaining('git'),
  });
});

test('of two builds at once, one is told to wait', async () => {
  const { request } = workshop();

  const results = await Promise.allSettled([buildLlamaServer(request), buildLlamaServer(request)]);

  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});
