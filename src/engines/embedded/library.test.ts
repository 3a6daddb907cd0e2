import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { backendPacks, installArguments, installedLibrary, libraryEntry } from './library.ts';

test('CUDA needs both of its packs, Vulkan one, and no other platform has any', () => {
  expect(backendPacks('cuda', 'linux', 'x64')).toEqual([
    '@node-llama-cpp/linux-x64-cuda',
    '@node-llama-cpp/linux-x64-cuda-ext',
  ]);
  expect(backendPacks('vulkan', 'win32', 'x64')).toEqual(['@node-llama-cpp/win-x64-vulkan']);
  expect(backendPacks('cuda', 'darwin', 'arm64')).toEqual([]);
});

test('library and packs are installed in the same exact version, without scripts', () => {
  const args = installArguments('/engines', '3.21.1', ['@node-llama-cpp/linux-x64-vulkan']);

  expect(args).toContain('--ignore-scripts');
  expect(args.slice(-2)).toEqual(['node-llama-cpp@3.21.1', '@node-llama-cpp/linux-x64-vulkan@3.21.1']);
});

test('a library counts as installed only with all packs of the backend', () => {
  const home = mkdtempSync(join(tmpdir(), 'drover-library-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const settings = { home, environment: {} };

  const before = installedLibrary(settings, 'vulkan');
  for (const pack of backendPacks('vulkan', process.platform, process.arch)) {
    mkdirSync(join(home, 'engines/embedded/node_modules', pack), { recursive: true });
  }

  expect(before).toBeNull();
  expect(installedLibrary(settings, 'vulkan')).toBe(join(home, 'engines/embedded'));
  expect(installedLibrary(settings, 'cuda')).toBeNull();
  expect(installedLibrary(settings, 'cpu')).toBeNull();
});

test('without an installed library our own dependency is imported', () => {
  expect(libraryEntry(null)).toBe('node-llama-cpp');
  expect(libraryEntry('/engines')).toBe('file:///engines/node_modules/node-llama-cpp/dist/index.js');
});
