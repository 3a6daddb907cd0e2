/** The doctor's look at cards: their drivers, and what state each device is in. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';

import type { DeviceReport } from '../../../contract/devices.ts';
import { AppError } from '../../../contract/errors.ts';
import { assertNever } from '../../../kernel/assert-never.ts';
import { hasCode, readFileIfExists } from '../../../kernel/files.ts';
import { brainDeviceProblem } from '../../brain-devices.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { detectDevices } from '../../host-devices.ts';
import { driverFinding } from './driver-finding.ts';
import type { ToolAnswer } from './driver-finding.ts';
import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { asRoot, word } from './mends.ts';
import { notLookedAt, settingsOf } from './settings.ts';
import type { LoadedSettings } from './settings.ts';

const ANSWER_MS = 10_000;
const NVIDIA_VERSION = '/proc/driver/nvidia/version';

export function checkDrivers({ env }: CliContext): Finding[] {
  const ask = (...words: [program: string, ...args: string[]]): ToolAnswer => askTool(words, env['PATH']);
  const nvidia = readFileIfExists(NVIDIA_VERSION);
  // The tool must be of the driver's release: Debian has one package, Ubuntu one for each.
  const release = /Kernel Module\D*(\d+)\./.exec(nvidia ?? '')?.[1] ?? 'server';
  const found = [
    driverFinding({
      name: 'NVIDIA',
      isLoaded: nvidia !== null,
      answers: [ask('nvidia-smi', '-L')],
      install: `${asRoot('apt-get install nvidia-smi')} || ${asRoot(`apt-get install nvidia-utils-${release}`)}`,
      load: asRoot('modprobe nvidia'),
      reload: asRoot('reboot'),
    }),
    driverFinding({
      name: 'AMD',
      isLoaded: existsSync('/dev/kfd'),
      answers: [ask('amd-smi', 'list'), ask('rocm-smi')],
      install: asRoot('apt-get install rocm-smi'),
      load: asRoot('modprobe amdgpu'),
      reload: asRoot('reboot'),
    }),
  ].flatMap((finding) => finding ?? []);
  return found.length > 0 ? found : [ok('drivers', 'no driver of a card; the CPU computes')];
}

function askTool([tool, ...args]: [program: string, ...args: string[]], path = ''): ToolAnswer {
  const env = { ...process.env, PATH: path };
  const { error, status, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8', timeout: ANSWER_MS, env });
  if (hasCode(error, 'ENOENT') || hasCode(error, 'EACCES')) return { kind: 'missing', tool };
  if (status === 0) return { kind: 'works', tool };
  const said = `${stderr ?? ''}${stdout ?? ''}`.trim().split('\n')[0] ?? '';
  return { kind: 'fails', tool, complaint: said || error?.message || `exit code ${status}` };
}

type SeenDevice = Pick<DeviceReport, 'id' | 'name' | 'totalBytes' | 'condition' | 'why'>;

export async function checkDevices(context: CliContext): Promise<Finding[]> {
  const loaded = await settingsOf(context);
  // The settings say which devices count.
  if (loaded.kind === 'invalid') return [notLookedAt('devices', loaded.problems)];
  const detected = await detectDevices(context);
  const lacking = await brainDeviceProblem(context, detected);
  const brain = lacking === null ? [] : [problem('brain', `its model cannot run: ${lacking}`, brainMend(loaded))];
  const devices = (await toldDevices(context)) ?? detected;
  return [...devices.map(deviceFinding), ...brain];
}

/** As the controller has them, which knows what is held back and what is lost; null while none tells. */
async function toldDevices({ quietClient }: CliContext): Promise<readonly SeenDevice[] | null> {
  try {
    const views = (await quietClient.devices()).filter(({ host }) => host === hostname());
    return views.length === 0 ? null : views.map((view) => ({ ...view, totalBytes: view.total_bytes }));
  } catch (error) {
    if (error instanceof AppError && error.code === 'DAEMON_UNREACHABLE') return null;
    throw error;
  }
}

function deviceFinding({ id, name, totalBytes, condition, why }: SeenDevice): Finding {
  const message = `${id} is ${condition}: ${why ?? ''}`;
  switch (condition) {
    case 'normal':
      return ok('devices', `${id}: ${name}, ${bytes(totalBytes)}`);
    case 'constrained':
      return warning('devices', `${message}; it recovers by itself`, null);
    case 'reserved':
    case 'quarantined':
      return warning('devices', message, `drover devices release ${word(id)}`);
    case 'lost':
      return warning('devices', message, asRoot('reboot'));
    default:
      return assertNever(condition);
  }
}

/** The same model, wherever there is room for it. */
function brainMend({ settings: { brain }, origins }: LoadedSettings): string {
  const setting = word(`model=${brain?.model}${brain?.context === null ? '' : `,context=${brain?.context}`}`);
  const set = origins.brain === 'environment' ? `export DROVER_BRAIN=${setting}` : `drover config set brain ${setting}`;
  return `${set} && drover daemon restart`;
}
