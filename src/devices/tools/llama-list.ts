/** What `llama-server --list-devices` prints, read: the devices its backends can drive, by its own names. Pure. */

import type { InstanceSpec } from '../../contract/index.ts';

export type CardBackend = Exclude<InstanceSpec['gpu']['backend'], 'cpu'>;

export interface ListedDevice {
  /** For `--device`: `CUDA0`, `Vulkan1`, `MTL0` … */
  readonly name: string;
  readonly backend: CardBackend;
  readonly description: string;
  readonly totalBytes: number;
}

const BACKEND_OF: Readonly<Record<string, CardBackend>> = {
  CUDA: 'cuda',
  ROCm: 'rocm',
  HIP: 'rocm',
  Vulkan: 'vulkan',
  Metal: 'metal',
  MTL: 'metal',
};

const MIB = 1024 * 1024;

/** `NAME: DESCRIPTION (N MiB, N MiB free)`, also behind a dash. The description may hold parentheses and colons. */
const ROW = /^\s*(?:-\s+)?(([A-Za-z]+)\d*)\s*:\s+(.*?)\s*\((\d+) MiB, \d+ MiB free\)\s*$/;

/** Empty without the line `Available devices:`. Devices of backends that no config can name are left out. */
export function parseDeviceList(output: string): readonly ListedDevice[] {
  const [, ...listed] = output.split(/^.*Available devices:\s*$/m);
  return listed.flatMap((text) => text.split('\n').flatMap(parseRow));
}

function parseRow(line: string): readonly ListedDevice[] {
  const [, name, family, description, mebibytes] = ROW.exec(line) ?? [];
  const backend = BACKEND_OF[family ?? ''];
  if (name === undefined || description === undefined || backend === undefined || isSoftware(description)) return [];
  return [{ name, backend, description, totalBytes: Number(mebibytes) * MIB }];
}

/** The CPU in the dress of a card. */
function isSoftware(description: string): boolean {
  return /llvmpipe|lavapipe|swiftshader/i.test(description);
}

/** The backend of a name that llama.cpp gives; null for a name of another kind. */
export function backendOfName(name: string): CardBackend | null {
  return BACKEND_OF[/^([A-Za-z]+)\d*$/.exec(name)?.[1] ?? ''] ?? null;
}
