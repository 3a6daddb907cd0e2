import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import { assertManager, installService, uninstallService } from './apply.ts';
import type { CommandResult, ServiceWorld } from './apply.ts';
import { printPlan, servicePlan } from './plan.ts';
import type { ServicePlan, ServiceSpec } from './service.ts';

const UNIX: ServiceSpec = {
  scope: 'user',
  node: '/usr/bin/node',
  program: '/opt/drover/bin/drover.js',
  droverHome: '/home/ann/.drover',
  account: { name: 'ann', uid: 1000, home: '/home/ann' },
  env: { PATH: '/usr/bin:/bin', DROVER_PORT: '8090' },
};

const WINDOWS: ServiceSpec = {
  scope: 'user',
  node: 'C:\\Program Files\\nodejs\\node.exe',
  program: 'C:\\drover\\bin\\drover.js',
  droverHome: 'C:\\Users\\ann\\.drover',
  account: { name: 'PC\\ann', uid: -1, home: 'C:\\Users\\ann' },
  env: { DROVER_PORT: '8090' },
};

function planOf(platform: string, spec: ServiceSpec): ServicePlan {
  const plan = servicePlan(platform, spec, '/home/ann/.config');
  if (plan === null) throw new Error(`no plan for ${platform}`);
  return plan;
}

function textsOf(platform: string, spec: ServiceSpec): string[] {
  return planOf(platform, spec).files.map(({ text }) => text.replaceAll('\r\n', '\n'));
}

describe('what each service manager is told', () => {
  test('systemd, for a user', () => {
    const [unit] = textsOf('linux', UNIX);

    expect(unit).toBe(`[Unit]
Description=Drover: inference servers, their front door, and batch plans
After=network.target
StartLimitIntervalSec=60
StartLimitBurst=20

[Service]
Type=exec
ExecStart="/usr/bin/node" "/opt/drover/bin/drover.js" "daemon" "run"
Environment="DROVER_HOME=/home/ann/.drover"
Environment="DROVER_PORT=8090"
Environment="PATH=/usr/bin:/bin"
# Engines and workers outlive the controller, and one that runs out of memory does not end the others.
KillMode=process
OOMPolicy=continue
TasksMax=infinity
# Sooner than the agent, which would bring the controller back outside of the unit.
Restart=on-failure
RestartSec=250ms
RestartPreventExitStatus=2 4 5
# Told to end, it ends as interrupted.
SuccessExitStatus=130
TimeoutStopSec=45
StandardOutput=append:/home/ann/.drover/logs/controller.log
StandardError=append:/home/ann/.drover/logs/controller.log

[Install]
WantedBy=default.target
`);
  });

  test('systemd, for the machine, runs the daemon as the owner of the home', () => {
    const plan = planOf('linux', { ...UNIX, scope: 'system' });

    expect(plan.files[0]?.path).toBe('/etc/systemd/system/drover.service');
    expect(plan.files[0]?.text).toContain('\nUser=ann\n');
    expect(plan.files[0]?.text).toContain('\nWantedBy=multi-user.target\n');
    expect(plan.install.map(({ file, args }) => [file, ...args].join(' '))).toEqual([
      'systemctl daemon-reload',
      'systemctl enable drover.service',
      'systemctl restart drover.service',
    ]);
  });

  test('systemd, for a user, also to linger after logout', () => {
    const { install } = planOf('linux', UNIX);

    expect(install.map(({ file, args }) => [file, ...args].join(' '))).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable drover.service',
      'systemctl --user restart drover.service',
      'loginctl enable-linger ann',
    ]);
  });

  test('launchd', () => {
    const [plist] = textsOf('darwin', { ...UNIX, env: { A: 'x < y & "z"' } });

    expect(plist).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>drover.daemon</string>
  <key>ProgramArguments</key>
  <array>
    <string>/usr/bin/node</string>
    <string>/opt/drover/bin/drover.js</string>
    <string>daemon</string>
    <string>run</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>A</key>
    <string>x &lt; y &amp; &quot;z&quot;</string>
    <key>DROVER_HOME</key>
    <string>/home/ann/.drover</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ProcessType</key>
  <string>Interactive</string>
  <key>ThrottleInterval</key>
  <integer>1</integer>
  <key>StandardOutPath</key>
  <string>/home/ann/.drover/logs/controller.log</string>
  <key>StandardErrorPath</key>
  <string>/home/ann/.drover/logs/controller.log</string>
</dict>
</plist>
`);
  });

  test('launchd, for the machine, names the user and lies among the daemons', () => {
    const plan = planOf('darwin', { ...UNIX, scope: 'system' });

    expect(plan.files[0]?.path).toBe('/Library/LaunchDaemons/drover.daemon.plist');
    expect(plan.files[0]?.text).toContain('  <key>UserName</key>\n  <string>ann</string>\n');
  });

  test('the Task Scheduler, with the launcher that sets the environment, and NSSM beside it', () => {
    const [launcher, nssm, task] = textsOf('win32', WINDOWS);

    expect(launcher).toBe(`@echo off
set "DROVER_HOME=C:\\Users\\ann\\.drover"
set "DROVER_PORT=8090"
"C:\\Program Files\\nodejs\\node.exe" "C:\\drover\\bin\\drover.js" daemon run >> "C:\\Users\\ann\\.drover\\logs\\controller.log" 2>&1
exit /b %ERRORLEVEL%
`);
    expect(nssm).toBe(`@echo off
nssm install drover "C:\\Program Files\\nodejs\\node.exe" || exit /b 1
nssm set drover AppParameters "\\"C:\\drover\\bin\\drover.js\\" daemon run"
nssm set drover AppDirectory "C:\\Users\\ann\\.drover"
nssm set drover AppEnvironmentExtra "DROVER_HOME=C:\\Users\\ann\\.drover" "DROVER_PORT=8090"
nssm set drover AppStdout "C:\\Users\\ann\\.drover\\logs\\controller.log"
nssm set drover AppStderr "C:\\Users\\ann\\.drover\\logs\\controller.log"
nssm set drover AppKillProcessTree 0
nssm set drover AppExit Default Restart
nssm set drover AppExit 0 Exit
nssm set drover Start SERVICE_AUTO_START
nssm start drover
`);
    expect(task).toBe(`<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Drover: inference servers, their front door, and batch plans</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
      <UserId>PC\\ann</UserId>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>PC\\ann</UserId>
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>255</Count>
    </RestartOnFailure>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>/d /c "C:\\Users\\ann\\.drover\\services\\drover-run.cmd"</Arguments>
      <WorkingDirectory>C:\\Users\\ann\\.drover</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
`);
  });

  test('a task of the machine starts at boot', () => {
    const task = textsOf('win32', { ...WINDOWS, scope: 'system' })[2];

    expect(task).toContain('<BootTrigger>');
    expect(task).toContain('<UserId>S-1-5-18</UserId>\n      <RunLevel>HighestAvailable</RunLevel>');
  });

  test('a platform without a known manager has no plan', () => {
    expect(servicePlan('sunos', UNIX, '/home/ann/.config')).toBeNull();
  });

  test('one file is printed as it is, several with their paths', () => {
    expect(printPlan(planOf('linux', UNIX))).toMatch(/^\[Unit\]\n/);
    expect(printPlan(planOf('win32', WINDOWS)).match(/^:: .*$/gm)).toEqual([
      ':: C:\\Users\\ann\\.drover\\services\\drover-run.cmd',
      ':: C:\\Users\\ann\\.drover\\services\\drover-nssm.cmd',
      ':: C:\\Users\\ann\\.drover\\services\\drover-task.xml',
    ]);
  });
});

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

describe.runIf(analyze)('systemd-analyze verify has nothing to say', () => {
  function verify(spec: ServiceSpec): { status: number | null; stderr: string } {
    const folder = mkdtempSync(join(tmpdir(), 'drover-unit-'));
    try {
      const file = join(folder, 'drover.service');
      writeFileSync(file, textsOf('linux', spec)[0] ?? '');
      const args = ['verify', ...(spec.scope === 'user' ? ['--user'] : []), file];
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      const { status, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8', env });
      return { status, stderr };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const account = { name: 'root', uid: 0, home: '/root' };

  test.each(['user', 'system'] as const)('of a unit for the %s', (scope) => {
    expect(verify({ ...UNIX, node: process.execPath, account, scope })).toEqual({ status: 0, stderr: '' });
  });

  test('of paths with blanks, quotes, percent and dollar signs', () => {
    const droverHome = '/srv/a "b" 100%i $HOME \\n/.drover';

    expect(verify({ ...UNIX, node: process.execPath, program: '/srv/$x %i/drover.js', droverHome })).toEqual({
      status: 0,
      stderr: '',
    });
  });

  test('but would of a key that it does not know', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drover-unit-'));
    const file = join(folder, 'drover.service');
    writeFileSync(file, '[Service]\nExecStart=/bin/true\nKilMode=process\n');
    const env = { ...process.env, XDG_RUNTIME_DIR: folder };
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--user', file], { encoding: 'utf8', env });
    rmSync(folder, { recursive: true });

    expect(stderr).toContain('KilMode');
  });
});

const lint = spawnSync('xmllint', ['--version']).status === 0;

describe.runIf(lint)('xmllint, with a grammar', () => {
  const grammars = resolve(import.meta.dirname, '../../../test/support/services');

  function validate(text: string | Buffer, ...grammar: string[]): { status: number | null; stderr: string } {
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', ...grammar, '-'], { input: text });
    return { status, stderr: stderr.toString() };
  }

  const asPlist = (text: string) => validate(text, '--dtdvalid', join(grammars, 'plist.dtd'));
  const asTask = (text: string) =>
    validate(Buffer.from(`\ufeff${text}`, 'utf16le'), '--schema', join(grammars, 'task.xsd'));

  test.each(['user', 'system'] as const)('finds a valid property list for the %s', (scope) => {
    const [plist] = textsOf('darwin', { ...UNIX, droverHome: '/Users/a & <b>', scope });

    expect(asPlist(plist ?? '')).toMatchObject({ status: 0 });
  });

  test.each(['user', 'system'] as const)('finds a valid task for the %s', (scope) => {
    const task = textsOf('win32', { ...WINDOWS, droverHome: 'C:\\a & <b>', scope })[2] ?? '';

    expect(asTask(task)).toMatchObject({ status: 0 });
  });

  test('would find a value without its key, an order that is wrong and a number too large', () => {
    const [plist] = textsOf('darwin', UNIX);
    const task = textsOf('win32', WINDOWS)[2] ?? '';
    const user = '      <UserId>PC\\ann</UserId>\n';
    const enabled = '      <Enabled>true</Enabled>\n';

    expect(asPlist((plist ?? '').replace('<key>Label</key>', '')).status).not.toBe(0);
    expect(asTask(task.replace(`${enabled}${user}`, `${user}${enabled}`)).stderr).toContain('Enabled');
    expect(asTask(task.replace('<Count>255', '<Count>999')).stderr).toContain('Count');
  });
});

class RecordedWorld implements ServiceWorld {
  readonly files = new Map<string, string>();
  readonly ran: string[] = [];
  readonly answers: Readonly<Record<string, Partial<CommandResult>>>;

  constructor(answers: Readonly<Record<string, Partial<CommandResult>>> = {}) {
    this.answers = answers;
  }
  async run({ file, args }: { file: string; args: readonly string[] }): Promise<CommandResult> {
    const line = [file, ...args].join(' ');
    this.ran.push(line);
    return { code: 0, stdout: '', stderr: '', ...this.answers[line] };
  }
  exists(path: string): boolean {
    return this.files.has(path);
  }
  write({ path, text }: { path: string; text: string }): void {
    this.files.set(path, text);
  }
  remove(path: string): void {
    this.files.delete(path);
  }
}

describe('installing', () => {
  const plan = planOf('linux', UNIX);

  test('is refused where the manager does not answer', async () => {
    const world = new RecordedWorld({
      'systemctl --user is-system-running': { code: 1, stdout: 'offline\n', stderr: 'Failed to connect to bus\n' },
    });

    await expect(assertManager(plan, world)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: 'systemd does not run here: Failed to connect to bus',
    });
  });

  test('goes on under a manager that is only degraded', async () => {
    const world = new RecordedWorld({ 'systemctl --user is-system-running': { code: 1, stdout: 'degraded\n' } });

    await expect(assertManager(plan, world)).resolves.toBeUndefined();
  });

  test('writes the unit before the manager is told', async () => {
    const world = new RecordedWorld();

    expect(await installService(plan, world)).toEqual([]);
    expect([...world.files.keys()]).toEqual(['/home/ann/.config/systemd/user/drover.service']);
    expect(world.ran).toHaveLength(4);
  });

  test('without lingering succeeds, and says what is lost', async () => {
    const world = new RecordedWorld({ 'loginctl enable-linger ann': { code: null } });

    expect(await installService(plan, world)).toEqual([
      '"loginctl enable-linger ann" could not be run: there is no loginctl: the daemon will end when you log out',
    ]);
  });

  test('fails with what the manager says', async () => {
    const world = new RecordedWorld({
      'systemctl --user enable drover.service': { code: 1, stderr: 'Unit is masked.\nmore' },
    });

    await expect(installService(plan, world)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: '"systemctl --user enable drover.service" ended with 1: Unit is masked.',
      hint: 'run "systemctl --user status drover"',
    });
  });
});

describe('uninstalling', () => {
  const plan = planOf('linux', UNIX);

  test('stops, forgets and removes', async () => {
    const world = new RecordedWorld();
    await installService(plan, world);
    world.ran.length = 0;

    expect(await uninstallService(plan, world)).toEqual([]);
    expect(world.ran).toEqual(['systemctl --user disable --now drover.service', 'systemctl --user daemon-reload']);
    expect(world.files.size).toBe(0);
  });

  test('what is not installed is told', async () => {
    await expect(uninstallService(plan, new RecordedWorld())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
