/** How an instance is shown: config, stored word and observed report folded into one row. Pure. */

import type { LoadedInstance } from '../../config/index.ts';
import type { InstanceReport, InstanceReportView, InstanceView } from '../../contract/index.ts';
import type { InstanceLoad } from '../../gateway/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { DesiredInstance } from './desired.ts';

export interface InstancePicture {
  readonly name: string;
  readonly loaded: LoadedInstance;
  /** Null: nobody has ever asked for it. */
  readonly declared: DesiredInstance | null;
  /** What the agent tells, or told last; null: no agent has ever told of it. */
  readonly report: InstanceReport | null;
  /** False while no agent is there to vouch for the report. */
  readonly connected: boolean;
  readonly load: InstanceLoad;
  /** Why the setting that it is made from cannot be used; null for any other instance. */
  readonly settingTrouble: string | null;
  /** The config has been edited since the engine was started. */
  readonly edited: boolean;
  readonly now: number;
}

export function toInstanceView(picture: InstancePicture): InstanceView {
  const { name, declared, report, connected, load, loaded, now } = picture;
  const readySince = connected && report?.state === 'ready' ? report.readyAt : null;
  return {
    name,
    desired: declared?.desired ?? report?.desired ?? 'stopped',
    status: report?.state ?? 'stopped',
    health: (connected ? report?.health : null) ?? 'unknown',
    health_detail: connected ? (report?.healthDetail ?? null) : lastHeard(report),
    pid: report?.pid ?? null,
    port: report?.port ?? declared?.spec.server.port ?? null,
    engine: report?.engine ?? declared?.spec.engine.kind ?? configured(picture, (config) => config.engine.kind),
    backend: report?.backend ?? declared?.spec.gpu.backend ?? configured(picture, (config) => config.gpu.backend),
    device: (report?.devices ?? []).join(','),
    model: modelName(picture),
    slots: { busy: load.busySlots, total: report?.slotsTotal ?? declared?.spec.server.parallel ?? 0 },
    uptime_ms: readySince === null ? null : Math.max(0, now - readySince),
    restarts: report?.restarts ?? 0,
    tokens_per_second: load.tokensPerSecond,
    draining: declared?.drained ?? false,
    ephemeral: declared?.ephemeral ?? false,
    orphan: isOrphan(picture),
    needs_restart: picture.edited,
    pinned: loaded.kind === 'ok' ? loaded.config.pinned : (declared?.spec.pinned ?? false),
    tags: loaded.kind === 'ok' ? loaded.config.tags : [],
    reason: reasonOf(picture),
  };
}

export function toReportView(report: InstanceReport): InstanceReportView {
  return {
    generation: report.generation,
    host: report.host,
    key: report.key,
    model_path: report.model,
    aliases: report.aliases,
    context_size: report.contextSize,
    memory_bytes: report.memoryBytes,
    fingerprint: report.fingerprint,
    command: report.command,
    started_at: isoTime(report.startedAt),
    ready_at: isoTime(report.readyAt),
    next_start_at: isoTime(report.nextStartAt),
    failure: report.failure,
    last_exit: report.lastExit && { ...report.lastExit, at: isoTime(report.lastExit.at) },
  };
}

/** Whether an engine is there: a process of ours, or a server elsewhere that we have found. */
export function hasEngine(report: Pick<InstanceReport, 'url'> | null): boolean {
  return report !== null && report.url !== null;
}

/** An engine runs that nobody has asked for here, or whose config is gone. */
function isOrphan({ loaded, declared, report }: Pick<InstancePicture, 'loaded' | 'declared' | 'report'>) {
  if (!hasEngine(report) || isMadeByUs(declared)) return false;
  return declared === null || loaded.kind === 'absent';
}

/** For a request, or for the brain: it never had a config. */
function isMadeByUs(declared: InstancePicture['declared']): boolean {
  return declared !== null && (declared.ephemeral || declared.config === null);
}

function reasonOf(picture: InstancePicture): string | null {
  const { name, report, declared, loaded } = picture;
  if (report?.failure) return report.failure.message;
  if (isMadeByUs(declared)) return picture.settingTrouble && `${picture.settingTrouble}; it goes on as it was`;
  if (isOrphan(picture)) {
    const why = loaded.kind === 'absent' ? `its config ${loaded.file} is gone` : 'nobody has started it here';
    return `${why}, and its engine runs: "drover adopt ${name}" keeps it, "drover down ${name}" stops it`;
  }
  return configProblem(picture);
}

function configProblem({ name, loaded, declared }: InstancePicture): string | null {
  if (loaded.kind === 'ok') return null;
  if (loaded.kind === 'absent') {
    const remedy = declared === null ? '' : `: "drover adopt ${name}" writes it again, "drover rm ${name}" forgets it`;
    return `its config ${loaded.file} is gone${remedy}`;
  }
  const [first] = loaded.problems;
  return first ? `config invalid: ${first.path === '' ? '' : `${first.path} `}${first.message}` : 'config invalid';
}

function lastHeard(report: InstanceReport | null): string | null {
  return report === null ? null : 'no agent is connected: this is the last known state';
}

type Config = Extract<LoadedInstance, { kind: 'ok' }>['config'];

function configured(picture: InstancePicture, read: (config: Config) => string): string {
  return picture.loaded.kind === 'ok' ? read(picture.loaded.config) : 'unknown';
}

function modelName({ report, declared, loaded }: InstancePicture): string {
  if (report) return report.modelId ?? report.model;
  if (declared) return declared.spec.model.id ?? declared.spec.model.path;
  return loaded.kind === 'ok' ? (loaded.config.model.id ?? loaded.config.model.path ?? '') : '';
}
