/** How llama-server is built: what must be installed, which options cmake gets, how its output tells progress. Pure. */

import type { BuildBackend } from '../engine-folder.ts';

/** A program that a build needs, under any of its names. */
interface Tool {
  readonly label: string;
  readonly names: readonly string[];
}

const TOOLS: readonly Tool[] = [
  { label: 'git', names: ['git'] },
  { label: 'cmake', names: ['cmake'] },
  { label: 'a C++ compiler', names: ['c++', 'g++', 'clang++', 'cl'] },
  { label: 'make or ninja', names: ['make', 'ninja', 'nmake', 'msbuild'] },
];

const BACKEND_TOOLS: Readonly<Record<BuildBackend, readonly Tool[]>> = {
  cpu: [],
  cuda: [{ label: 'the CUDA compiler (nvcc)', names: ['nvcc'] }],
  vulkan: [{ label: 'the shader compiler (glslc)', names: ['glslc'] }],
};

/** Labels of the tools for which `has` knows no name. */
export function missingTools(backend: BuildBackend, has: (name: string) => boolean): readonly string[] {
  return [...TOOLS, ...BACKEND_TOOLS[backend]].filter(({ names }) => !names.some(has)).map(({ label }) => label);
}

/** The command that installs all of them. */
export function installHint(backend: BuildBackend, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'run "xcode-select --install" and "brew install cmake"';
  if (platform === 'win32') return 'run "winget install Git.Git Kitware.CMake Microsoft.VisualStudio.2022.BuildTools"';
  const packages = ['git', 'cmake', 'build-essential'];
  if (backend === 'cuda') packages.push('nvidia-cuda-toolkit');
  if (backend === 'vulkan') packages.push('libvulkan-dev', 'glslc');
  return `run "sudo apt install ${packages.join(' ')}"`;
}

/** One static binary, nothing that would be downloaded: no web page, no TLS. */
const OPTIONS: readonly string[] = [
  'CMAKE_BUILD_TYPE=Release',
  'BUILD_SHARED_LIBS=OFF',
  'LLAMA_BUILD_SERVER=ON',
  'LLAMA_BUILD_TESTS=OFF',
  'LLAMA_BUILD_EXAMPLES=OFF',
  'LLAMA_BUILD_APP=OFF',
  'LLAMA_BUILD_UI=OFF',
  'LLAMA_USE_PREBUILT_UI=OFF',
  'LLAMA_OPENSSL=OFF',
];

const BACKEND_OPTIONS: Readonly<Record<BuildBackend, readonly string[]>> = {
  cpu: [],
  cuda: ['GGML_CUDA=ON'],
  vulkan: ['GGML_VULKAN=ON'],
};

/** What most files of a target begin with. */
const SHARED_HEADERS: readonly (readonly [target: string, header: string])[] = [
  ['llama', 'src/models/models.h'],
  ['llama-common', 'vendor/nlohmann/json.hpp'],
  ['server-context', 'vendor/nlohmann/json.hpp'],
];

/**
 * A file for cmake that has these compiled once for each target instead of once for each of its files: a quarter of the
 * work. What a release does not have is passed over.
 */
export function precompiledHeaders(): string {
  return `if(CMAKE_VERSION VERSION_LESS 3.19 OR MSVC)
  return()
endif()
function(precompile target header)
  if(TARGET \${target} AND EXISTS "\${CMAKE_SOURCE_DIR}/\${header}")
    target_precompile_headers(\${target} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:\${CMAKE_SOURCE_DIR}/\${header}>")
  endif()
endfunction()
${SHARED_HEADERS.map((words) => `cmake_language(DEFER CALL precompile ${words.join(' ')})`).join('\n')}
`;
}

interface BuildFolders {
  readonly source: string;
  readonly build: string;
  /** A file with `precompiledHeaders()`. */
  readonly precompiled: string;
}

export function configureArguments({ source, build, precompiled }: BuildFolders, backend: BuildBackend): string[] {
  // read once the project of that name has been declared, before its targets are
  const options = [...OPTIONS, ...BACKEND_OPTIONS[backend], `CMAKE_PROJECT_llama.cpp_INCLUDE=${precompiled}`];
  return ['-S', source, '-B', build, ...options.map((option) => `-D${option}`)];
}

/**
 * GCC 11 to 13 drop most of what the tiles of AMX are configured with (its bug 114098): on a processor that has AMX the
 * program would end by SIGSEGV at its first computation. `told`: what the compiler says to `--version`.
 */
export function compilerFlags(told: string): readonly string[] {
  const gcc = /^\S+ \(.*\) (\d+)\.\d+/.exec(told);
  const release = gcc === null ? 0 : Number(gcc[1]);
  return release >= 11 && release <= 13 ? ['-U__AMX_INT8__'] : [];
}

export function compileArguments(build: string, jobs: number): readonly string[] {
  return ['--build', build, '--config', 'Release', '--target', 'llama-server', '--parallel', String(jobs)];
}

/** The share that a line of make (`[ 41%]`) or ninja (`[123/300]`) tells; null for other lines. */
export function progressOf(line: string): number | null {
  const percent = /^\[\s*(\d{1,3})%\]/.exec(line);
  if (percent !== null) return Math.min(1, Number(percent[1]) / 100);
  const steps = /^\[(\d+)\/(\d+)\]/.exec(line);
  if (steps === null) return null;
  return Math.min(1, Number(steps[1]) / Math.max(1, Number(steps[2])));
}
