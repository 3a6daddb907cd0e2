/** `drover daemon install` and `uninstall`: hand the daemon of this home to the system's service manager, or take it back. */

import { join } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import type { ServicePlan, ServiceScope } from '../../../daemon/services/index.ts';
import type { DaemonStatusView } from '../../../contract/daemon.ts';
import { installedFile } from '../../../kernel/installation.ts';
import type { CliContext } from '../../context.ts';

interface ScopeFlags {
  readonly user: boolean;
  readonly system: boolean;
}

interface InstallFlags extends ScopeFlags {
  readonly print: boolean;
}

/** What the daemon heeds and a service would not know; secrets are not among them. */
const CARRIED = [
  'PATH',
  'DROVER_PORT',
  'DROVER_BIND',
  'DROVER_LOG_LEVEL',
  'DROVER_SIMULATE_RIG',
  'DROVER_ENGINE_CACHE',
];

const ANSWER_DEADLINE_MS = 30_000;
const LOOK_MS = 50;

export async function install(this: CliContext, flags: InstallFlags): Promise<void> {
  const { assertManager, installService, machine, makeLogFolder, printPlan } =
    await import('../../../daemon/services/index.ts');
  const plan = await planFor(this, flags);
  if (flags.print) return this.out.write(printPlan(plan));
  const world = machine(this.env);
  await assertManager(plan, world);
  await stopOurOwn(this);
  makeLogFolder(this.paths.home);
  const warnings = await installService(plan, world);
  for (const warning of warnings) this.err.line(`warning: ${warning}`);
  if (this.env['DROVER_DATABASE_URL']) this.err.line(databaseWarning());
  const { controller, url } = await firstAnswer(this, plan);
  this.out.line(`drover is a service of ${plan.manager} now (pid ${controller.pid}), front door ${url}`);
  this.err.line(`look at it with: ${plan.status}`);
}

export async function uninstall(this: CliContext, flags: ScopeFlags): Promise<void> {
  const { machine, uninstallService } = await import('../../../daemon/services/index.ts');
  const plan = await planFor(this, flags);
  const warnings = await uninstallService(plan, machine(this.env));
  for (const warning of warnings) this.err.line(`warning: ${warning}`);
  this.out.line(`drover is no longer a service of ${plan.manager}; engines keep running`);
  this.err.line('stop them with: drover daemon stop --all');
}

async function planFor(context: CliContext, flags: ScopeFlags): Promise<ServicePlan> {
  const { accountOf, servicePlan } = await import('../../../daemon/services/index.ts');
  const { env, paths } = context;
  const account = await accountOf(paths.home, env);
  const plan = servicePlan(
    process.platform,
    {
      scope: scopeOf(flags),
      node: process.execPath,
      program: installedFile('bin/drover.js'),
      droverHome: paths.home,
      account,
      env: Object.fromEntries(CARRIED.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
    },
    env['XDG_CONFIG_HOME'] || join(account.home, '.config'),
  );
  if (plan !== null) return plan;
  throw new AppError('SERVICE_FAILED', `no service manager of ${process.platform} is known`, {
    hint: 'let yours run "drover daemon run"',
  });
}

/** Root has no session to hang a user's service on. */
function scopeOf({ user, system }: ScopeFlags): ServiceScope {
  if (user && system) throw new AppError('INVALID_REQUEST', 'give --user or --system, not both');
  if (user) return 'user';
  return system || process.getuid?.() === 0 ? 'system' : 'user';
}

/** A daemon that runs by itself would hold the home; its engines are found again by the one that follows. */
async function stopOurOwn({ paths, env, clock, quietClient, signal }: CliContext): Promise<void> {
  const { stopDaemons } = await import('../../../daemon/lifecycle.ts');
  await stopDaemons({ paths, env, clock, client: quietClient, signal }, { all: false });
}

/** With the agent, so that engines which run are seen at once; one that does not come is told by `daemon status`. */
async function firstAnswer(context: CliContext, plan: ServicePlan): Promise<DaemonStatusView> {
  const { askDaemon } = await import('../../../daemon/lifecycle.ts');
  const { clock, quietClient, signal, paths } = context;
  const deadline = clock.monotonic() + ANSWER_DEADLINE_MS;
  for (;;) {
    const status = await askDaemon(quietClient);
    const isLate = clock.monotonic() >= deadline;
    if (status !== null && (isLate || status.agents.some(({ connected }) => connected))) return status;
    if (isLate) {
      throw new AppError('SERVICE_FAILED', 'the service is installed, but the daemon does not answer', {
        hint: `run "${plan.status}", and read ${paths.controllerLog}`,
      });
    }
    await clock.sleep(LOOK_MS, signal);
  }
}

function databaseWarning(): string {
  return 'warning: DROVER_DATABASE_URL is not given to the service: others could read it; run "drover config set database_url URL"';
}
