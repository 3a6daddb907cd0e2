/**
 * Tells the hooks of open escalations: from the store, so that a death in between loses none, and each at least once.
 * What cannot be told waits and is tried again.
 */

import type { EscalationHook, EscalationView } from '../../contract/index.ts';
import { Alarm } from '../../kernel/index.ts';
import type { Scope } from '../../kernel/index.ts';
import { createHookTeller } from './hook-teller.ts';
import type { HookTellerDeps } from './hook-teller.ts';
import { configuredHooks } from './hooks.ts';
import { viewEscalations } from './views.ts';

/** Settings may change, and others may have died: looked at anew. */
const SWEEP_MS = 30_000;

interface DeliveryDeps extends HookTellerDeps {
  readonly scope: Scope;
}

interface Delivery {
  /** Goes on until the scope ends. */
  start(): void;
}

export function createDelivery(deps: DeliveryDeps): Delivery {
  const { store, scope } = deps;
  const tell = createHookTeller(deps);
  const busy = new Set<string>();
  const alarm = new Alarm(deps.clock, () => scope.run(sweep));

  function sweepWithin(ms: number): void {
    if (!scope.signal.aborted) alarm.ringWithin(ms);
  }

  async function sweep(): Promise<void> {
    sweepWithin(SWEEP_MS);
    const hooks = configuredHooks(deps.hooks());
    if (hooks.length === 0) return;
    const open = await store.read((db) => viewEscalations(db, { openOnly: true }));
    for (const escalation of open) {
      for (const hook of hooks) if (waits(escalation, hook)) scope.run(() => deliver(escalation, hook));
    }
  }

  function waits({ id, deliveries }: EscalationView, hook: EscalationHook): boolean {
    const told = deliveries.some((delivery) => delivery.hook === hook && delivery.delivered_at !== null);
    return !told && !busy.has(`${id} ${hook}`);
  }

  async function deliver(escalation: EscalationView, hook: EscalationHook): Promise<void> {
    const key = `${escalation.id} ${hook}`;
    busy.add(key);
    try {
      const telling = await tell(escalation, hook, scope.signal);
      if (telling.kind === 'untold') sweepWithin(telling.retryMs + 1);
    } finally {
      busy.delete(key);
    }
  }

  return {
    start() {
      const facts = store.facts.subscribe((fact) => fact.type === 'escalation.opened' && sweepWithin(0));
      scope.defer(() => {
        facts[Symbol.dispose]();
        alarm.stop();
      });
      sweepWithin(0);
    },
  };
}
