/**
 * The systemd unit. `KillMode=process` is what lets engines and workers outlive a restart of the daemon: they lie in its
 * control group, and only the controller is told to end. Pure.
 */

import { posix } from 'node:path';

import { command, environmentOf, SERVICE_NAME } from './service.ts';
import type { ServicePlan, ServiceSpec } from './service.ts';

const UNIT = `${SERVICE_NAME}.service`;

/** Wrong usage, a broken config, another daemon on this home: trying again mends none of them. */
const FINAL_EXIT_CODES = '2 4 5';

function systemdUnit(spec: ServiceSpec): string {
  const log = posix.join(spec.droverHome, 'logs', 'controller.log').replaceAll('%', '%%');
  return `${[
    '[Unit]',
    'Description=Drover: inference servers, their front door, and batch plans',
    'After=network.target',
    'StartLimitIntervalSec=60',
    'StartLimitBurst=20',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[spec.node, spec.program, 'daemon', 'run'].map(execWord).join(' ')}`,
    ...(spec.scope === 'system' ? [`User=${spec.account.name}`] : []),
    ...environmentOf(spec).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    '# Engines and workers outlive the controller, and one that runs out of memory does not end the others.',
    'KillMode=process',
    'OOMPolicy=continue',
    'TasksMax=infinity',
    '# Sooner than the agent, which would bring the controller back outside of the unit.',
    'Restart=on-failure',
    'RestartSec=250ms',
    `RestartPreventExitStatus=${FINAL_EXIT_CODES}`,
    '# Told to end, it ends as interrupted.',
    'SuccessExitStatus=130',
    'TimeoutStopSec=45',
    `StandardOutput=append:${log}`,
    `StandardError=append:${log}`,
    '',
    '[Install]',
    `WantedBy=${spec.scope === 'user' ? 'default.target' : 'multi-user.target'}`,
  ].join('\n')}\n`;
}

export function systemdPlan(spec: ServiceSpec, configHome: string): ServicePlan {
  const path = spec.scope === 'user' ? posix.join(configHome, 'systemd/user', UNIT) : `/etc/systemd/system/${UNIT}`;
  const systemctl = (...args: string[]) => command('systemctl', spec.scope === 'user' ? ['--user', ...args] : args);
  return {
    manager: 'systemd',
    probe: {
      command: systemctl('is-system-running'),
      states: ['initializing', 'starting', 'running', 'degraded', 'maintenance'],
    },
    files: [{ path, text: systemdUnit(spec), encoding: 'utf-8' }],
    mark: path,
    install: [
      systemctl('daemon-reload'),
      systemctl('enable', UNIT),
      systemctl('restart', UNIT),
      ...(spec.scope === 'user'
        ? [command('loginctl', ['enable-linger', spec.account.name], 'the daemon will end when you log out')]
        : []),
    ],
    uninstall: [systemctl('disable', '--now', UNIT)],
    forget: [systemctl('daemon-reload')],
    status: `systemctl ${spec.scope === 'user' ? '--user ' : ''}status ${SERVICE_NAME}`,
  };
}

/** A word of a command line: there `$` stands for a variable as well. */
function execWord(word: string): string {
  return quoted(word).replaceAll('$', '$$$$');
}

/** In quotes; `%` stands for a specifier everywhere in a unit. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
