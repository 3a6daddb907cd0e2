/** The launchd job of macOS. `AbandonProcessGroup` lets engines and workers outlive the controller. Pure. */

import { posix } from 'node:path';

import { command, environmentOf } from './service.ts';
import type { ServicePlan, ServiceSpec } from './service.ts';
import { escapeXml } from './xml.ts';

const LABEL = 'drover.daemon';

function launchdPlist(spec: ServiceSpec): string {
  const log = posix.join(spec.droverHome, 'logs', 'controller.log');
  const words = [spec.node, spec.program, 'daemon', 'run'];
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    '<dict>',
    ...pair('Label', string(LABEL)),
    ...pair('ProgramArguments', '<array>', ...words.map((word) => `  ${string(word)}`), '</array>'),
    ...pair('EnvironmentVariables', ...variables(spec)),
    ...(spec.scope === 'system' ? pair('UserName', string(spec.account.name)) : []),
    ...pair('RunAtLoad', '<true/>'),
    ...pair('KeepAlive', '<dict>', '  <key>SuccessfulExit</key>', '  <false/>', '</dict>'),
    ...pair('AbandonProcessGroup', '<true/>'),
    ...pair('ProcessType', string('Interactive')),
    ...pair('ThrottleInterval', '<integer>1</integer>'),
    ...pair('StandardOutPath', string(log)),
    ...pair('StandardErrorPath', string(log)),
    '</dict>',
    '</plist>',
  ].join('\n')}\n`;
}

export function launchdPlan(spec: ServiceSpec): ServicePlan {
  const domain = spec.scope === 'user' ? `gui/${spec.account.uid}` : 'system';
  const folder =
    spec.scope === 'user' ? posix.join(spec.account.home, 'Library/LaunchAgents') : '/Library/LaunchDaemons';
  const path = posix.join(folder, `${LABEL}.plist`);
  return {
    manager: 'launchd',
    probe: null,
    files: [{ path, text: launchdPlist(spec), encoding: 'utf-8' }],
    mark: path,
    install: [
      command('launchctl', ['enable', `${domain}/${LABEL}`]),
      command('launchctl', ['bootstrap', domain, path]),
    ],
    uninstall: [command('launchctl', ['bootout', `${domain}/${LABEL}`])],
    forget: [],
    status: `launchctl print ${domain}/${LABEL}`,
  };
}

function variables(spec: ServiceSpec): string[] {
  const lines = environmentOf(spec).flatMap(([name, value]) => [
    `  <key>${escapeXml(name)}</key>`,
    `  ${string(value)}`,
  ]);
  return ['<dict>', ...lines, '</dict>'];
}

function pair(key: string, ...value: readonly string[]): string[] {
  return [`<key>${key}</key>`, ...value].map((line) => `  ${line}`);
}

function string(text: string): string {
  return `<string>${escapeXml(text)}</string>`;
}
