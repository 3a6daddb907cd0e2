/** `drover devices suggest`: where a model should run, with the sum that says why and the config to paste. */

import { hostname } from 'node:os';
import { basename } from 'node:path';

import type { DeviceView } from '../../../contract/daemon.ts';
import { AppError } from '../../../contract/errors.ts';
import type { Candidate, OccupiedDevice } from '../../../devices/index.ts';
import type { ModelFile, ModelWish, Placement, Suggestion } from '../../../models/index.ts';
import { counted } from '../../../kernel/counted.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { detectDevices } from '../../host-devices.ts';
import { modelOf, slug } from '../../model-argument.ts';

interface SuggestFlags {
  readonly model: string;
  readonly context?: number;
  readonly parallel: number;
  readonly json: boolean;
}

export async function suggest(this: CliContext, flags: SuggestFlags): Promise<void> {
  const given = modelOf(this, flags.model);
  const { toCandidates } = await import('../../../devices/index.ts');
  const { describeModelFile, suggest: suggestPlacement } = await import('../../../models/index.ts');
  const file = await describeModelFile('path' in given ? given.path : (await this.client.model(given.id)).path);
  const devices = toCandidates(await devicesHere(this));
  const wish = { file, contextSize: flags.context ?? null, longest: file.contextLength, slots: flags.parallel };
  const suggestion = suggestPlacement(devices, wish);
  if (suggestion.kind === 'too-large') throw tooLarge(suggestion, { wish, devices, model: flags.model });
  const { placement } = suggestion;
  const config = configOf(placement, given);
  const command = initCommand(flags.model, file, placement);
  if (flags.json) return printJson(this, viewOf(file, placement, config, command));
  this.out.write(describePlacement(this, file, placement));
  this.out.write(`\nTo paste into config.json:\n${JSON.stringify(config, null, 2).slice(2, -2)}\n`);
  this.out.line(`\nOr begin with: ${command}`);
}

/** As the daemon knows them, with what is reserved; without a daemon as the machine shows them. */
async function devicesHere(context: CliContext): Promise<readonly OccupiedDevice[]> {
  const views = await knownDevices(context);
  const host = views.some((view) => view.host === hostname()) ? hostname() : views[0]?.host;
  if (host === undefined) return detectDevices(context);
  return views
    .filter((view) => view.host === host)
    .map((view) => ({
      id: view.id,
      kind: view.kind,
      backendNames: view.backend_names,
      totalBytes: view.total_bytes,
      reservedBytes: view.reserved_bytes,
      observedBytes: view.observed_bytes,
    }));
}

async function knownDevices({ quietClient }: CliContext): Promise<readonly DeviceView[]> {
  try {
    return await quietClient.devices();
  } catch (error) {
    if (error instanceof AppError && error.code === 'DAEMON_UNREACHABLE') return [];
    throw error;
  }
}

function describePlacement({ out }: CliContext, file: ModelFile, placement: Placement): string {
  const { kind, devices, layers, ofLayers, contextSize, slots, shares } = placement;
  const where = kind === 'cpu' ? 'on the CPU' : `${layers} of ${counted(ofLayers, 'layer')} on ${devices.join(', ')}`;
  const rest = kind === 'partial' ? `, ${ofLayers - layers} on the CPU` : '';
  const head = `${basename(file.path)}: ${where}${rest}, ${contextSize} tokens × ${counted(slots, 'slot')}`;
  const parts = shares.map(({ device, layers: own, estimate, freeBytes }) => {
    const lines = estimate.lines.map((line) => `  ${line}\n`).join('');
    return `\n${device}: ${counted(own, 'layer')}, ${bytes(estimate.totalBytes)} of ${bytes(freeBytes)} free\n${lines}`;
  });
  return `${out.paint('bold', head)}\n${parts.join('')}`;
}

function configOf({ kind, backend, devices, layers, contextSize, slots }: Placement, model: object) {
  const cards = { backend, devices, layers: kind === 'partial' ? layers : ('all' as const) };
  return {
    model: { ...model, context_size: contextSize },
    server: { parallel: slots },
    gpu: kind === 'cpu' ? { backend: 'cpu' } : { ...cards, split: devices.length > 1 ? 'layer' : 'none' },
  };
}

function initCommand(model: string, file: ModelFile, { backend }: Placement): string {
  const name = slug(basename(model, '.gguf')) ?? slug(file.architecture) ?? 'model';
  return `drover init ${name} --profile ${backend} -m ${model}`;
}

/** What `--json` prints. */
function viewOf(file: ModelFile, placement: Placement, config: object, command: string) {
  return {
    model: file.path,
    placement: placement.kind,
    backend: placement.backend,
    devices: placement.devices,
    layers: placement.layers,
    of_layers: placement.ofLayers,
    context_size: placement.contextSize,
    parallel: placement.slots,
    shares: placement.shares.map(({ device, layers, freeBytes, estimate }) => ({
      device,
      layers,
      free_bytes: freeBytes,
      weights_bytes: estimate.weightsBytes,
      cache_bytes: estimate.cacheBytes,
      overhead_bytes: estimate.overheadBytes,
      headroom_bytes: estimate.headroomBytes,
      total_bytes: estimate.totalBytes,
      arithmetic: estimate.lines,
    })),
    config,
    command,
  };
}

interface Asked {
  readonly wish: ModelWish;
  readonly devices: readonly Candidate[];
  readonly model: string;
}

function tooLarge(
  { leastBytes, smaller }: Extract<Suggestion, { kind: 'too-large' }>,
  { wish, devices, model }: Asked,
): AppError {
  const free = devices.map(({ id, freeBytes }) => `${id} ${bytes(freeBytes)}`).join(', ');
  if (smaller === null) {
    return new AppError('MEMORY_INSUFFICIENT', `${model} takes ${bytes(leastBytes)} at least; free: ${free}`, {
      hint: 'stop an instance ("drover ps"), or choose a smaller model or quantisation',
      detail: { leastBytes },
    });
  }
  const { contextSize, slots, devices: ids } = smaller;
  const asked = `${wish.contextSize ?? 'the usual'} tokens × ${counted(slots, 'slot')}`;
  return new AppError('MEMORY_INSUFFICIENT', `${model} does not fit with ${asked}; free: ${free}`, {
    hint: `--context ${contextSize} would fit, on ${ids.join(', ')}`,
    detail: { leastBytes, contextSize, devices: ids },
  });
}
