/**
 * Windows: a task of the Task Scheduler that starts the daemon at logon (user) or at boot (system), and beside it a
 * script for those who run it as a service with NSSM. Pure.
 */

import { win32 } from 'node:path';

import { command, environmentOf, SERVICE_NAME } from './service.ts';
import type { ServicePlan, ServiceSpec } from './service.ts';
import { escapeXml } from './xml.ts';

const SYSTEM_ACCOUNT = 'S-1-5-18';

/** The schema holds it in a byte. */
const MOST_RESTARTS = 255;

/** A task has no environment of its own: this sets it and becomes the daemon. */
function windowsLauncher(spec: ServiceSpec): string {
  const log = win32.join(spec.droverHome, 'logs', 'controller.log');
  return lines([
    '@echo off',
    ...environmentOf(spec).map(([name, value]) => `set "${name}=${percent(value)}"`),
    `"${percent(spec.node)}" "${percent(spec.program)}" daemon run >> "${percent(log)}" 2>&1`,
    'exit /b %ERRORLEVEL%',
  ]);
}

function windowsTask(spec: ServiceSpec): string {
  const user = spec.scope === 'user' ? spec.account.name : SYSTEM_ACCOUNT;
  const principal =
    spec.scope === 'user'
      ? ['      <LogonType>InteractiveToken</LogonType>', '      <RunLevel>LeastPrivilege</RunLevel>']
      : ['      <RunLevel>HighestAvailable</RunLevel>'];
  return lines([
    '<?xml version="1.0" encoding="UTF-16"?>',
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    '  <RegistrationInfo>',
    '    <Description>Drover: inference servers, their front door, and batch plans</Description>',
    '  </RegistrationInfo>',
    '  <Triggers>',
    ...trigger(spec),
    '  </Triggers>',
    '  <Principals>',
    '    <Principal id="Author">',
    `      <UserId>${escapeXml(user)}</UserId>`,
    ...principal,
    '    </Principal>',
    '  </Principals>',
    '  <Settings>',
    '    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>',
    '    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>',
    '    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>',
    '    <StartWhenAvailable>true</StartWhenAvailable>',
    '    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>',
    '    <Priority>5</Priority>',
    '    <RestartOnFailure>',
    '      <Interval>PT1M</Interval>',
    `      <Count>${MOST_RESTARTS}</Count>`,
    '    </RestartOnFailure>',
    '    <Enabled>true</Enabled>',
    '  </Settings>',
    '  <Actions Context="Author">',
    '    <Exec>',
    '      <Command>cmd.exe</Command>',
    `      <Arguments>/d /c "${escapeXml(launcherPath(spec))}"</Arguments>`,
    `      <WorkingDirectory>${escapeXml(spec.droverHome)}</WorkingDirectory>`,
    '    </Exec>',
    '  </Actions>',
    '</Task>',
  ]);
}

/** `AppKillProcessTree 0` lets engines and workers outlive the controller. */
function nssmScript(spec: ServiceSpec): string {
  const log = win32.join(spec.droverHome, 'logs', 'controller.log');
  const set = (name: string, ...values: string[]) => `nssm set ${SERVICE_NAME} ${name} ${values.join(' ')}`;
  return lines([
    '@echo off',
    `nssm install ${SERVICE_NAME} "${percent(spec.node)}" || exit /b 1`,
    set('AppParameters', `"\\"${percent(spec.program)}\\" daemon run"`),
    set('AppDirectory', `"${percent(spec.droverHome)}"`),
    set('AppEnvironmentExtra', ...environmentOf(spec).map(([name, value]) => `"${name}=${percent(value)}"`)),
    set('AppStdout', `"${percent(log)}"`),
    set('AppStderr', `"${percent(log)}"`),
    set('AppKillProcessTree', '0'),
    set('AppExit', 'Default', 'Restart'),
    set('AppExit', '0', 'Exit'),
    set('Start', 'SERVICE_AUTO_START'),
    `nssm start ${SERVICE_NAME}`,
  ]);
}

export function windowsPlan(spec: ServiceSpec): ServicePlan {
  const xml = win32.join(folderOf(spec), 'drover-task.xml');
  return {
    manager: 'the Task Scheduler',
    probe: null,
    files: [
      { path: launcherPath(spec), text: windowsLauncher(spec), encoding: 'utf-8' },
      { path: win32.join(folderOf(spec), 'drover-nssm.cmd'), text: nssmScript(spec), encoding: 'utf-8' },
      { path: xml, text: windowsTask(spec), encoding: 'utf-16' },
    ],
    mark: xml,
    install: [
      command('schtasks', ['/create', '/f', '/tn', SERVICE_NAME, '/xml', xml]),
      command('schtasks', ['/run', '/tn', SERVICE_NAME]),
    ],
    uninstall: [
      command('schtasks', ['/end', '/tn', SERVICE_NAME], 'the daemon runs on until it is stopped'),
      command('schtasks', ['/delete', '/f', '/tn', SERVICE_NAME]),
    ],
    forget: [],
    status: `schtasks /query /tn ${SERVICE_NAME} /v`,
  };
}

function trigger({ scope, account }: ServiceSpec): string[] {
  if (scope === 'system') return ['    <BootTrigger>', '      <Enabled>true</Enabled>', '    </BootTrigger>'];
  return [
    '    <LogonTrigger>',
    '      <Enabled>true</Enabled>',
    `      <UserId>${escapeXml(account.name)}</UserId>`,
    '    </LogonTrigger>',
  ];
}

function folderOf(spec: ServiceSpec): string {
  return win32.join(spec.droverHome, 'services');
}

function launcherPath(spec: ServiceSpec): string {
  return win32.join(folderOf(spec), 'drover-run.cmd');
}

/** In a batch file `%` begins a variable. */
function percent(text: string): string {
  return text.replaceAll('%', '%%');
}

function lines(text: readonly string[]): string {
  return `${text.join('\r\n')}\r\n`;
}
