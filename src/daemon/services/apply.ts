/** Carries out a service plan: writes its files, runs its commands. What they say was decided before. */

import { AppError } from '../../contract/errors.ts';
import type { ServiceCommand, ServiceFile, ServicePlan } from './service.ts';

export interface CommandResult {
  /** Null: the program is not there. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world, as far as a plan touches it. */
export interface ServiceWorld {
  run(command: ServiceCommand): Promise<CommandResult>;
  exists(path: string): boolean;
  write(file: ServiceFile): void;
  remove(path: string): void;
}

/** Answers what did not work but is no reason to fail. Rejects with SERVICE_FAILED. Ask `assertManager` before. */
export async function installService(plan: ServicePlan, world: ServiceWorld): Promise<readonly string[]> {
  for (const file of plan.files) world.write(file);
  return runAll(plan.install, plan, world);
}

/** Answers as `installService`. Rejects with NOT_FOUND when there is nothing to remove. */
export async function uninstallService(plan: ServicePlan, world: ServiceWorld): Promise<readonly string[]> {
  if (!world.exists(plan.mark)) {
    throw new AppError('NOT_FOUND', `no service is installed: there is no ${plan.mark}`, {
      hint: 'run "drover daemon install", or name the other scope: --user or --system',
    });
  }
  const warnings = await runAll(plan.uninstall, plan, world);
  for (const { path } of plan.files) world.remove(path);
  return [...warnings, ...(await runAll(plan.forget, plan, world))];
}

/** Rejects with SERVICE_FAILED where no service manager answers: nothing is written where nobody would read it. */
export async function assertManager({ probe, manager }: ServicePlan, world: ServiceWorld): Promise<void> {
  if (probe === null) return;
  const { stdout, stderr } = await world.run(probe.command);
  if (probe.states.includes(stdout.trim())) return;
  const told = firstLine(stderr) || firstLine(stdout) || 'it does not answer';
  throw new AppError('SERVICE_FAILED', `${manager} does not run here: ${told}`, {
    hint: 'start the daemon with "drover daemon start"; --print shows what would be installed',
  });
}

async function runAll(
  commands: readonly ServiceCommand[],
  plan: ServicePlan,
  world: ServiceWorld,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const command of commands) {
    const result = await world.run(command);
    if (result.code === 0) continue;
    const failure = describeFailure(command, result);
    if (command.otherwise === null) throw new AppError('SERVICE_FAILED', failure, { hint: `run "${plan.status}"` });
    warnings.push(`${failure}: ${command.otherwise}`);
  }
  return warnings;
}

function describeFailure({ file, args }: ServiceCommand, { code, stderr, stdout }: CommandResult): string {
  const line = [file, ...args].join(' ');
  if (code === null) return `"${line}" could not be run: there is no ${file}`;
  return `"${line}" ended with ${code}: ${firstLine(stderr) || firstLine(stdout) || 'it said nothing'}`;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
