/** Has an instance unloaded that stays wanted running. Its owner decides; who waits for it keeps it awake. */

import type { Hosts } from '../hosts/hosts.ts';

const ANSWER_MS = 30_000;
const AWAKE: ReadonlySet<string> = new Set(['ready', 'stopping']);

type SleepHosts = Pick<Hosts, 'localHost' | 'call' | 'instances' | 'instanceEvents'>;

/** Resolves when it is asleep or gone; or ready again, when somebody wanted it before it was. */
export async function putToSleep(hosts: SleepHosts, name: string): Promise<void> {
  const resting = untilAtRest(hosts, name);
  try {
    await hosts.call(hosts.localHost, { op: 'sleep', name }, { timeoutMs: ANSWER_MS });
    if (AWAKE.has(hosts.instances().get(name)?.state ?? 'stopped')) await resting.reached;
  } finally {
    resting.stop();
  }
}

function untilAtRest(
  { instanceEvents }: SleepHosts,
  name: string,
): { readonly reached: Promise<void>; readonly stop: () => void } {
  let resolve = (): void => {};
  const reached = new Promise<void>((settle) => (resolve = settle));
  const listening = instanceEvents.subscribe((event) => {
    const isAtRest = event.kind === 'gone' ? event.name === name : isReport(event.report, name);
    if (isAtRest) resolve();
  });
  return { reached, stop: () => listening[Symbol.dispose]() };
}

function isReport(report: { readonly name: string; readonly state: string }, name: string): boolean {
  return report.name === name && report.state !== 'stopping';
}
