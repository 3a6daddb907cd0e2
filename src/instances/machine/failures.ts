/** The words for what went wrong with an instance: code, message with the last line of stderr, and the remedy. Pure. */

import { AppError, formatDuration } from '../../contract/index.ts';
import type { ExitInfo, InstanceSpec } from '../../contract/index.ts';
import type { FirstAnswer } from '../../engines/index.ts';
import type { Failure, Machine } from './state.ts';

type FirstFailure = Extract<FirstAnswer, { kind: 'failed' | 'silent' }>;

function describeExit(exit: ExitInfo): string {
  if (exit.signal !== null) return `was ended by ${exit.signal}`;
  return exit.code === null ? 'ended unseen' : `exited with code ${exit.code}`;
}

export function exitFailure(name: string, exit: ExitInfo, wasReady: boolean): Failure {
  const tail = exit.tail.trim().split('\n').at(-1) ?? '';
  return {
    code: wasReady ? 'ENGINE_FAILED' : 'ENGINE_START_FAILED',
    message: `${name} ${describeExit(exit)}${wasReady ? '' : ' before it was ready'}${tail === '' ? '' : `: ${tail}`}`,
    hint: `run "drover logs ${name} --stderr"`,
    permanent: false,
  };
}

export function hangFailure(name: string, failures: number, detail: string | null): Failure {
  return {
    code: 'ENGINE_FAILED',
    message: `${name} failed ${failures} health probes in a row${detail === null ? '' : ` (${detail})`}`,
    hint: `run "drover logs ${name} --both"`,
    permanent: false,
  };
}

export function stallFailure(name: string, stillMs: number): Failure {
  return {
    code: 'ENGINE_FAILED',
    message: `${name} answers, but its busy slots have not moved for ${formatDuration(stillMs)}`,
    hint: `run "drover logs ${name} --both"; if it was only slow, raise healthcheck.stall_timeout`,
    permanent: false,
  };
}

export function canaryFailure({ name, health }: InstanceSpec): Failure {
  return {
    code: 'ENGINE_FAILED',
    message: `${name} is idle and did not answer a request for one token within ${formatDuration(health.timeoutMs)}`,
    hint: `run "drover logs ${name} --both"; if it was only slow, raise healthcheck.timeout`,
    permanent: false,
  };
}

/** It says that it is well, and does not do what it is there for. */
export function firstAnswerFailure({ name, health }: InstanceSpec, answer: FirstFailure): Failure {
  const silent = answer.kind === 'silent';
  const detail = silent ? `nothing within ${formatDuration(health.stallTimeoutMs)}` : answer.detail;
  return {
    code: 'ENGINE_START_FAILED',
    message: `${name} has loaded and did not answer its first request (${detail})`,
    hint: `run "drover logs ${name} --both"${silent ? '; if it was only slow, raise healthcheck.stall_timeout' : ''}`,
    permanent: false,
  };
}

export function loadTimeoutFailure({ spec, health }: Pick<Machine, 'spec' | 'health'>): Failure {
  const limit = formatDuration(spec.health.loadTimeoutMs);
  const last = health.detail === null ? '' : ` (${health.detail})`;
  return {
    code: 'ENGINE_START_FAILED',
    message: `${spec.name} was not ready within its load_timeout of ${limit}${last}`,
    hint: `raise healthcheck.load_timeout, or run "drover logs ${spec.name} --both"`,
    permanent: false,
  };
}

export function giveUpFailure(spec: InstanceSpec, last: Failure, reason: 'disabled' | 'crash-loop'): Failure {
  const { maxRetries, windowMs } = spec.restart;
  const why =
    reason === 'disabled'
      ? 'restart.enabled is false'
      : `${maxRetries} restarts within ${formatDuration(windowMs)} did not help`;
  return {
    ...last,
    message: `${last.message} (given up: ${why})`,
    hint: `${last.hint === null ? '' : `${last.hint}, then `}"drover up ${spec.name}"`,
    permanent: true,
  };
}

export function portLostFailure(name: string, port: number): Failure {
  return {
    code: 'PORT_TAKEN',
    message: `another program took port ${port} while ${name} was starting`,
    hint: 'choose another server.port, or stop that program',
    permanent: false,
  };
}

export function stoppedFailure(name: string): Failure {
  return {
    code: 'INSTANCE_STOPPED',
    message: `${name} is stopped`,
    hint: `run "drover up ${name}"`,
    permanent: true,
  };
}

export function unknownInstanceFailure(name: string): Failure {
  return {
    code: 'INSTANCE_NOT_FOUND',
    message: `there is no instance "${name}" on this host`,
    hint: 'run "drover ps"',
    permanent: true,
  };
}

/** A failure, as whoever asked for the instance meets it. */
export function toError({ code, message, hint }: Failure): AppError {
  return new AppError(code, message, hint === null ? {} : { hint });
}
