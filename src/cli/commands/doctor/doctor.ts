/** `drover doctor`: looks at all that Drover stands on and says what mends what is wrong. Starts and changes nothing. */

import { EXIT } from '../../../contract/exit-codes.ts';
import { asAppError } from '../../../contract/errors.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { problem } from './finding.ts';
import type { Finding } from './finding.ts';
import { ownHome } from './mends.ts';
import {
  canEnterHome,
  checkClock,
  checkConfig,
  checkHome,
  checkLocks,
  checkPolicies,
  checkSecrets,
  checkStore,
} from './home-checks.ts';
import { checkDevices, checkDrivers } from './card-checks.ts';
import { checkKeys, checkPort } from './door-checks.ts';
import { checkEngines, checkPrograms } from './host-checks.ts';
import type { Colour } from '../../output.ts';

type Check = readonly [name: string, look: (context: CliContext) => Finding[] | Promise<Finding[]>];

const CHECKS: readonly Check[] = [
  ['programs', checkPrograms],
  ['home', checkHome],
  ['store', checkStore],
  ['config', checkConfig],
  ['policy', checkPolicies],
  ['secrets', checkSecrets],
  ['locks', checkLocks],
  ['clock', checkClock],
  ['port', checkPort],
  ['keys', checkKeys],
  ['drivers', checkDrivers],
  ['devices', checkDevices],
  ['engines', checkEngines],
];
/** What can be looked at when the home cannot be entered. */
const BESIDE_HOME: ReadonlySet<string> = new Set(['programs', 'home', 'drivers', 'engines']);

export async function doctor(this: CliContext, { json }: { readonly json: boolean }): Promise<void> {
  const findings: Finding[] = [];
  const checks = canEnterHome(this) ? CHECKS : CHECKS.filter(([name]) => BESIDE_HOME.has(name));
  for (const [name, look] of checks) findings.push(...(await lookSafely(this, name, look)));
  const problems = findings.filter(({ status }) => status === 'problem').length;
  if (json) printJson(this, { ok: problems === 0, findings });
  else show(this, findings);
  if (problems > 0) this.end(EXIT.failed);
}

/** What breaks a check off is a finding as well. */
async function lookSafely(context: CliContext, name: string, look: Check[1]): Promise<Finding[]> {
  try {
    return await look(context);
  } catch (error) {
    const { code, message } = asAppError(error);
    const mend = code === 'PERMISSION_DENIED' ? ownHome(context.paths.home) : 'drover daemon logs';
    return [problem(name, `could not be looked at: ${message}`, mend)];
  }
}

const COLOURS: Readonly<Record<Finding['status'], Colour>> = { ok: 'green', warning: 'yellow', problem: 'red' };

function show({ out }: CliContext, findings: readonly Finding[]): void {
  for (const { check, status, message, mend } of findings) {
    out.line(`${out.paint(COLOURS[status], status.padEnd(7))}  ${check.padEnd(8)}  ${message}`);
    if (mend !== null) out.line(`${''.padEnd(19)}mend: ${mend}`);
  }
  const warnings = counted(findings, 'warning');
  out.line(counted(findings, 'problem') ?? `nothing is wrong${warnings === null ? '' : `, ${warnings}`}`);
}

function counted(findings: readonly Finding[], kind: Finding['status']): string | null {
  const number = findings.filter(({ status }) => status === kind).length;
  return number === 0 ? null : `${number} ${kind}${number === 1 ? '' : 's'}`;
}
