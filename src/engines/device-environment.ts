/** How a launch is bound to its devices before exec: visibility variables and the names devices then have. Pure. */

import type { LaunchDevice } from './engine.ts';

const VISIBILITY: Readonly<Record<string, string>> = {
  cuda: 'CUDA_VISIBLE_DEVICES',
  rocm: 'HIP_VISIBLE_DEVICES',
  vulkan: 'GGML_VK_VISIBLE_DEVICES',
};

const NAME_PREFIX: Readonly<Record<string, string>> = { cuda: 'CUDA', rocm: 'ROCm', vulkan: 'Vulkan', metal: 'MTL' };

function accelerators(devices: readonly LaunchDevice[]): readonly LaunchDevice[] {
  return devices.filter((device) => device.backend !== 'cpu');
}

/** Shows the process its own devices only: CUDA by UUID, which never renumbers, the others by index. */
export function deviceEnvironment(devices: readonly LaunchDevice[]): Record<string, string> {
  const chosen = accelerators(devices);
  const backend = chosen[0]?.backend ?? 'cpu';
  const variable = VISIBILITY[backend];
  if (variable === undefined) return {};
  const byUuid = backend === 'cuda' && chosen.every((device) => device.uuid !== null);
  const visible = chosen.map((device) => (byUuid ? device.uuid : device.index)).join(',');
  // CUDA counts the fastest card first unless told to count as nvidia-smi does.
  const order: Record<string, string> = backend === 'cuda' && !byUuid ? { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } : {};
  return { ...order, [variable]: visible };
}

/**
 * The names llama.cpp gives to the devices of a launch, for `--device`. Devices made visible by variable are counted
 * from zero again. Null: no accelerator.
 */
export function deviceNames(devices: readonly LaunchDevice[]): string | null {
  const chosen = accelerators(devices);
  if (chosen.length === 0) return null;
  return chosen
    .map((device, position) => {
      const renumbered = VISIBILITY[device.backend] === undefined ? device.index : position;
      return `${NAME_PREFIX[device.backend] ?? device.backend}${renumbered}`;
    })
    .join(',');
}
