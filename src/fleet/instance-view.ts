/** How an instance is shown: config, stored word and observed report folded into one row. Pure. */

import type { LoadedInstance } from '../config/index.ts';
import type { InstanceReport, InstanceReportView, InstanceView } from '../contract/index.ts';
import { isoTime } from '../kernel/index.ts';
import type { DesiredInstance } from './desired.ts';

export interface InstancePicture {
  readonly name: string;
  readonly loaded: LoadedInstance;
  /** Null: nobody has ever asked for it. */
  readonly declared: DesiredInstance | null;
  /** Null: no agent knows of it. */
  readonly report: InstanceReport | null;
  /** Slots held by requests of this controller. */
  readonly busySlots: number;
  readonly now: number;
}

export function toInstanceView(picture: InstancePicture): InstanceView {
  const { name, declared, report, now } = picture;
  const readySince = report?.state === 'ready' ? report.readyAt : null;
  return {
    name,
    desired: declared?.desired ?? 'stopped',
    status: report?.state ?? 'stopped',
    health: report?.health ?? 'unknown',
    health_detail: report?.healthDetail ?? null,
    pid: report?.pid ?? null,
    port: report?.port ?? declared?.spec.server.port ?? null,
    engine: report?.engine ?? declared?.spec.engine.kind ?? configured(picture, (config) => config.engine.kind),
    backend: report?.backend ?? declared?.spec.gpu.backend ?? configured(picture, (config) => config.gpu.backend),
    device: (report?.devices ?? []).join(','),
    model: modelName(picture),
    slots: {
      busy: picture.busySlots,
      total: report?.slotsTotal ?? declared?.spec.server.parallel ?? 0,
    },
    uptime_ms: readySince === null ? null : Math.max(0, now - readySince),
    restarts: report?.restarts ?? 0,
    reason: report?.failure?.message ?? configProblem(picture.loaded),
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

type Config = Extract<LoadedInstance, { kind: 'ok' }>['config'];

function configured(picture: InstancePicture, read: (config: Config) => string): string {
  return picture.loaded.kind === 'ok' ? read(picture.loaded.config) : 'unknown';
}

function modelName({ report, declared, loaded }: InstancePicture): string {
  if (report) return report.modelId ?? report.model;
  if (declared) return declared.spec.model.id ?? declared.spec.model.path;
  return loaded.kind === 'ok' ? (loaded.config.model.id ?? loaded.config.model.path ?? '') : '';
}

function configProblem(loaded: LoadedInstance): string | null {
  if (loaded.kind === 'ok') return null;
  if (loaded.kind === 'absent') return `its config ${loaded.file} is gone`;
  const [first] = loaded.problems;
  return first ? `config invalid: ${first.path === '' ? '' : `${first.path} `}${first.message}` : 'config invalid';
}
