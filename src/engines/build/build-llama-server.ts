/**
 * Builds llama-server from the sources inside the npm package node-llama-cpp: unpack, configure, compile, install.
 * Every step finds what an earlier, cancelled run left and goes on from there. Downloads nothing.
 */

import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import { takeLock } from '../../kernel/index.ts';
import { engineFolder, llamaServerFile, llamaServerFolder } from '../engine-folder.ts';
import type { BuildBackend, EngineFolderSettings } from '../engine-folder.ts';
import { parseVersion } from '../llama-server/help.ts';
import { packagedBundle, packagedRelease } from '../packaged-sources.ts';
import { askProgram, findOnPath, isExecutable } from '../program.ts';
import {
  compileArguments,
  compilerFlags,
  configureArguments,
  installHint,
  missingTools,
  precompiledHeaders,
  progressOf,
} from './build-plan.ts';
import { runLines } from './run-lines.ts';

export interface BuildProgress {
  readonly phase: 'unpack' | 'configure' | 'compile' | 'install';
  /** Of the phase, 0 to 1. */
  readonly share: number;
  readonly line: string;
}

export interface BuildRequest extends EngineFolderSettings {
  readonly backend: BuildBackend;
  /** Compilers at a time; all cores when left out. */
  readonly jobs?: number;
  /** Where the binary goes; the folder where engines are looked for when left out. */
  readonly outDir?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BuildProgress) => void;
}

interface BuiltEngine {
  readonly file: string;
  readonly version: string;
  /** False when it was there already. */
  readonly built: boolean;
}

/** Rejects with ENGINE_BUILD_FAILED (missing tools, failed compilation, another build running) or ABORTED. */
export async function buildLlamaServer(request: BuildRequest): Promise<BuiltEngine> {
  const release = packagedRelease();
  const engines = engineFolder(request);
  const file = llamaServerFile(request.outDir ?? llamaServerFolder(engines, release, request.backend));
  if (isExecutable(file)) return { file, version: await versionOf(file), built: false };
  checkTools(request);
  const work = join(engines, 'build', `${release}-${request.backend}`);
  const lock = takeLock(`${work}.lock`);
  if (lock.kind === 'held') {
    throw new AppError('ENGINE_BUILD_FAILED', `another build runs already (pid ${lock.holder.pid})`, {
      hint: 'wait for it to end',
    });
  }
  try {
    await runPhases(request, work, file);
  } finally {
    lock.release();
  }
  return { file, version: await versionOf(file), built: true };
}

function checkTools({ backend, environment }: BuildRequest): void {
  const missing = missingTools(backend, (name) => findOnPath(name, environment) !== null);
  if (missing.length === 0) return;
  throw new AppError('ENGINE_BUILD_FAILED', `building llama-server needs ${missing.join(', ')}`, {
    hint: installHint(backend, process.platform),
    detail: { missing },
  });
}

async function runPhases(request: BuildRequest, work: string, file: string): Promise<void> {
  const source = join(work, 'source');
  const build = join(work, 'build');
  const precompiled = join(work, 'precompiled.cmake');
  const env = { ...request.environment, CXXFLAGS: await cxxFlags(request) };
  const tell = (phase: BuildProgress['phase'], share: number, line: string): void =>
    request.onProgress?.({ phase, share, line });
  const run = (phase: BuildProgress['phase'], program: string, args: readonly string[]): Promise<void> =>
    runLines({
      file: program,
      args,
      env,
      signal: request.signal,
      onLine: (line) => tell(phase, progressOf(line) ?? 0, line),
    });

  if (!existsSync(source)) await unpack(source, (args) => run('unpack', 'git', args));
  writeFileSync(precompiled, precompiledHeaders());
  await run('configure', 'cmake', configureArguments({ source, build, precompiled }, request.backend));
  await run('compile', 'cmake', compileArguments(build, request.jobs ?? availableParallelism()));
  install(build, file);
  rmSync(work, { recursive: true, force: true });
  tell('install', 1, file);
}

/** What the compiler that cmake will take is told of its own faults, beside what the person tells it. */
async function cxxFlags({ environment, signal }: BuildRequest): Promise<string> {
  const [file, ...words] = environment['CXX']?.split(' ') ?? [findOnPath('c++', environment) ?? 'c++'];
  const args = [...words, '--version'];
  const told = await askProgram(file ?? 'c++', { args, timeoutMs: 20_000, signal }).catch(() => '');
  return [environment['CXXFLAGS'] ?? '', ...compilerFlags(told)].join(' ').trim();
}

/** Whole or absent: a cancelled clone leaves a folder that the next run clears. */
async function unpack(source: string, git: (args: readonly string[]) => Promise<void>): Promise<void> {
  const partial = `${source}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(source, '..'), { recursive: true });
  await git(['clone', '--quiet', packagedBundle(), partial]);
  renameSync(partial, source);
}

/** Generators differ in whether they make a folder per configuration. */
function install(build: string, file: string): void {
  const made = [join(build, 'bin'), join(build, 'bin', 'Release')].map((folder) => llamaServerFile(folder));
  const binary = made.find(isExecutable);
  if (binary === undefined) {
    throw new AppError('ENGINE_BUILD_FAILED', `the build made no ${made[0] ?? 'llama-server'}`);
  }
  mkdirSync(join(file, '..'), { recursive: true });
  const partial = `${file}.partial`;
  copyFileSync(binary, partial);
  renameSync(partial, file);
}

async function versionOf(file: string): Promise<string> {
  return parseVersion(await askProgram(file, { args: ['--version'], timeoutMs: 20_000 }));
}
