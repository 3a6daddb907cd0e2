/**
 * The library behind the embedded engine: the node-llama-cpp of our own package (CPU), or a fuller one with GPU packs
 * that `installEmbeddedBackend` put under the engines folder. Where they lie and how the latter is installed.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { execa } from 'execa';

import { AppError } from '../../contract/errors.ts';
import { engineFolder } from '../engine-folder.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';

type EmbeddedGpuBackend = 'cuda' | 'vulkan';

/** The packs of one backend for one platform, as the registry names them. Empty: there is none. */
export function backendPacks(backend: EmbeddedGpuBackend, platform: string, arch: string): readonly string[] {
  const target = `${platform === 'win32' ? 'win' : platform}-${arch}`;
  if (target !== 'linux-x64' && target !== 'win-x64') return [];
  const names = backend === 'cuda' ? [`${target}-cuda`, `${target}-cuda-ext`] : [`${target}-vulkan`];
  return names.map((name) => `@node-llama-cpp/${name}`);
}

/** The arguments of the `npm` call that installs a backend beside the library of the same version. */
export function installArguments(folder: string, version: string, packs: readonly string[]): readonly string[] {
  return [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--omit=optional',
    '--save-exact',
    `node-llama-cpp@${version}`,
    ...packs.map((pack) => `${pack}@${version}`),
  ];
}

function embeddedFolder(settings: EngineFolderSettings): string {
  return join(engineFolder(settings), 'embedded');
}

/** The folder of an installed library with GPU packs, or null: then the packaged one serves. */
export function installedLibrary(settings: EngineFolderSettings, backend: string): string | null {
  const folder = embeddedFolder(settings);
  if (backend !== 'cuda' && backend !== 'vulkan') return null;
  const packs = backendPacks(backend, process.platform, process.arch);
  const complete = packs.length > 0 && packs.every((pack) => existsSync(join(folder, 'node_modules', pack)));
  return complete ? folder : null;
}

/** The module to import: from an installed folder, or our own dependency. */
export function libraryEntry(folder: string | null): string {
  if (folder === null) return 'node-llama-cpp';
  return pathToFileURL(join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js')).href;
}

/** The version of our own node-llama-cpp; GPU packs must match it. */
export function libraryVersion(): string {
  const require = createRequire(import.meta.url);
  const manifest = join(dirname(dirname(require.resolve('node-llama-cpp'))), 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}

/** Downloads the GPU packs of one backend from the npm registry (hundreds of MB). Resolves to the library's folder. */
export async function installEmbeddedBackend(
  backend: EmbeddedGpuBackend,
  settings: EngineFolderSettings & { readonly signal?: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<string> {
  const packs = backendPacks(backend, process.platform, process.arch);
  if (packs.length === 0) {
    throw new AppError('ENGINE_NOT_FOUND', `no ${backend} pack exists for ${process.platform}-${process.arch}`, {
      hint: `run "drover engine build --backend ${backend}" for a llama-server instead`,
    });
  }
  const folder = prepareFolder(settings);
  const npm = execa('npm', [...installArguments(folder, libraryVersion(), packs)], {
    all: true,
    stdin: 'ignore',
    ...(settings.signal === undefined ? {} : { cancelSignal: settings.signal }),
  });
  try {
    for await (const line of npm.iterable({ from: 'all' })) settings.onLine?.(line);
    await npm;
  } catch (cause) {
    throw new AppError('ENGINE_BUILD_FAILED', `npm could not install the ${backend} pack`, {
      cause,
      hint: 'see the lines above; npm and a reachable registry are needed',
      detail: { folder, packs },
    });
  }
  return folder;
}

/** npm installs only into a folder with a manifest. */
function prepareFolder(settings: EngineFolderSettings): string {
  const folder = embeddedFolder(settings);
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  return folder;
}
