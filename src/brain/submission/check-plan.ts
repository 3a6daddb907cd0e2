/** Looks at a plan with the models and devices that are here, as a submission does. */

import type { DeviceReport, LintRequest, LintView } from '../../contract/index.ts';
import { hasErrors, lintPlan, parsePlan } from '../../plans/index.ts';
import type { BatchConfig, LintContext } from '../../plans/index.ts';
import { scriptDevices } from '../dispatch/script-devices.ts';
import type { AgentPort, CataloguePort } from '../ports.ts';

export interface Surroundings {
  readonly agents: AgentPort;
  readonly catalogue: CataloguePort;
}

/** What of the house lint and compile may know. */
export async function lintContext({ agents, catalogue }: Surroundings): Promise<LintContext> {
  return {
    modelIds: await catalogue.modelNames(),
    modelParameters: catalogue.modelParameters?.() ?? {},
    ...deviceMemory(agents),
  };
}

export async function checkPlan({ text, files, config }: LintRequest, around: Surroundings): Promise<LintView> {
  const context = { ...(await lintContext(around)), files };
  // The request is JSON, and its schema says no more of a value than that.
  const values = config === undefined ? {} : { config: config as BatchConfig };
  const diagnostics = lintPlan(parsePlan({ file: 'plan.md', text }), { ...context, ...values });
  return { valid: !hasErrors(diagnostics), diagnostics };
}

/** What a task may reserve on each device that it may be put on, where any is known. */
function deviceMemory(agents: AgentPort): { readonly deviceMemoryMb?: readonly number[] } {
  const devices = scriptDevices(agents);
  if (devices.length === 0) return {};
  return { deviceMemoryMb: devices.map(budgetMb) };
}

function budgetMb(device: DeviceReport): number {
  return Math.floor(device.taskBudgetBytes / (1024 * 1024));
}
