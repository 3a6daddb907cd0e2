/** What an agent remembers and nobody else does: no config, no stored word, and nothing that runs. Pure. */

import type { LoadedInstance } from '../../config/index.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { DesiredInstance } from './desired.ts';
import { hasEngine } from './instance-view.ts';

/** True for what its agent may forget: nobody would miss it. */
export function isLeftover(
  report: Pick<InstanceReport, 'state' | 'url'>,
  { declared, loaded }: { readonly declared: DesiredInstance | null; readonly loaded: LoadedInstance },
): boolean {
  const rests = report.state === 'stopped' || report.state === 'asleep' || report.state === 'failed';
  return rests && !hasEngine(report) && declared === null && loaded.kind === 'absent';
}
