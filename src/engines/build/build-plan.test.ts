import { expect, test } from 'vitest';

import { compilerFlags, configureArguments, installHint, missingTools, progressOf } from './build-plan.ts';

test('a tool is present under any of its names', () => {
  const installed = new Set(['git', 'cmake', 'clang++', 'ninja']);

  expect(missingTools('cpu', (name) => installed.has(name))).toEqual([]);
  expect(missingTools('cuda', (name) => installed.has(name))).toEqual(['the CUDA compiler (nvcc)']);
});

test('on an empty machine every tool is named, and one command installs them', () => {
  expect(missingTools('cpu', () => false)).toEqual(['git', 'cmake', 'a C++ compiler', 'make or ninja']);
  expect(installHint('cpu', 'linux')).toBe('run "sudo apt install git cmake build-essential"');
  expect(installHint('vulkan', 'linux')).toContain('libvulkan-dev glslc');
});

test('nothing is built that would be downloaded', () => {
  const folders = { source: '/src', build: '/build', precompiled: '/shared.cmake' };
  const args = configureArguments(folders, 'vulkan');

  expect(args).toEqual(
    expect.arrayContaining(['-DLLAMA_USE_PREBUILT_UI=OFF', '-DLLAMA_BUILD_UI=OFF', '-DGGML_VULKAN=ON']),
  );
  expect(configureArguments(folders, 'cpu')).not.toContain('-DGGML_VULKAN=ON');
});

test.each([
  ['c++ (Debian 12.2.0-14+deb12u1) 12.2.0\nCopyright (C) 2022', ['-U__AMX_INT8__']],
  ['g++ (Ubuntu 13.2.0-23ubuntu4) 13.2.0', ['-U__AMX_INT8__']],
  ['c++ (Debian 10.2.1-6) 10.2.1 20210110', []],
  ['c++ (Debian 14.2.0-19) 14.2.0', []],
  ['Debian clang version 14.0.6', []],
  ['Apple clang version 15.0.0 (clang-1500.3.9.4)', []],
  ['', []],
])('the compiler that says %j is kept from AMX where it gets that wrong', (told, flags) => {
  expect(compilerFlags(told)).toEqual(flags);
});

test.each([
  ['[  7%] Building CXX object src/x.o', 0.07],
  ['[100%] Built target llama-server', 1],
  ['[123/300] Building CXX', 0.41],
  ['-- Configuring done', null],
  ['In file included from [x]', null],
])('%j tells the progress %j', (line, share) => {
  expect(progressOf(line)).toBe(share);
});
