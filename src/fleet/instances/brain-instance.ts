/**
 * The instance of the brain's own model: made from the setting, under the name by which the brain asks for it, pinned,
 * and up before any other. What the brain asks it is not known here.
 */

import type { BrainSetting } from '../../config/index.ts';
import { asAppError, BRAIN_INSTANCE } from '../../contract/index.ts';
import type { InstanceReport } from '../../contract/index.ts';
import type { Log } from '../../kernel/index.ts';
import type { Declarations } from './declarations.ts';
import type { DesiredInstance } from './desired.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';
import { unwrittenConfig } from '../specs/unwritten-config.ts';

export interface BrainInstance {
  /**
   * Declares what the setting says, or forgets what it said before. Goes after the agent has told of its devices and
   * before it is told of instances. Never rejects: what is wrong is logged, and told by `problem`.
   */
  settle(): Promise<void>;
  /** Of what is declared, what the agent may know by now: the brain's instance comes before all from an earlier life. */
  admitted(declared: readonly DesiredInstance[]): readonly DesiredInstance[];
  /** Resolves when the others may come up: it is ready, or will not be for now. */
  readonly hadItsTurn: Promise<void>;
  onReport(report: Pick<InstanceReport, 'name' | 'state'>): void;
  onGone(name: string): void;
  /** Why the setting cannot be used, for people; an instance that it made before goes on as it was. */
  trouble(): string | null;
  /** Why no model of the brain can be asked, for people; null when one is meant to run. */
  problem(): string | null;
}

export interface BrainInstanceDeps {
  readonly setting: BrainSetting | null;
  readonly declarations: Declarations;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  /** Somebody has configured an instance of that name. */
  readonly isConfigured: () => boolean;
  /** The alias means something, whoever made it. */
  readonly isKnown: () => boolean;
  readonly reportOf: (name: string) => InstanceReport | null;
  /** The agent drops it, running or not. */
  readonly forget: (name: string) => void;
  /** Tells the agent what is admitted. */
  readonly push: () => void;
  readonly log: Log;
}

const HAD_ITS_TURN: ReadonlySet<string> = new Set(['ready', 'unhealthy', 'backoff', 'failed', 'asleep']);

export function createBrainInstance(deps: BrainInstanceDeps): BrainInstance {
  const { setting, declarations, log } = deps;
  let trouble: string | null = null;
  // By what was declared then: whoever starts one meanwhile declares it anew, and so has released it.
  const held = new Set(setting === null ? [] : declarations.all().filter(({ spec }) => spec.name !== BRAIN_INSTANCE));
  let over = (): void => {};
  const hadItsTurn = new Promise<void>((resolve) => (over = resolve));
  if (setting === null) over();

  const isComing = (): boolean => trouble === null && declarations.get(BRAIN_INSTANCE)?.desired === 'running';

  function releaseOthers(): void {
    over();
    if (held.size === 0) return;
    held.clear();
    deps.push();
  }

  async function declare(wanted: BrainSetting): Promise<void> {
    const spec = await deps.specs.resolve(configOf(wanted), deps.reportOf(BRAIN_INSTANCE));
    const before = declarations.get(BRAIN_INSTANCE);
    if (before?.spec.fingerprint === spec.fingerprint && before.spec.pinned) return;
    const { desired = 'running', drained = false } = before ?? {};
    await declarations.declare({ spec, desired, config: null, drained, ephemeral: false });
    log.info(
      { instance: BRAIN_INSTANCE, model: wanted.model, devices: wanted.devices },
      "the brain's model is declared",
    );
  }

  async function dismiss(): Promise<void> {
    const before = declarations.get(BRAIN_INSTANCE);
    if (before === null || before.config !== null || before.ephemeral) return;
    await declarations.forget(BRAIN_INSTANCE);
    deps.forget(BRAIN_INSTANCE);
    log.info({ instance: BRAIN_INSTANCE }, 'the setting "brain" is gone, and its instance with it');
  }

  const settingTrouble = (): string | null =>
    trouble === null ? null : `the setting "brain" cannot be used: ${trouble}`;

  return {
    async settle() {
      try {
        if (deps.isConfigured()) trouble = setting && `an instance named ${BRAIN_INSTANCE} has a config of its own`;
        else if (setting) await declare(setting);
        else await dismiss();
      } catch (error) {
        trouble = asAppError(error).message;
        log.error({ err: error }, "the brain's model cannot be declared");
      }
      if (!isComing()) releaseOthers();
    },
    hadItsTurn,
    admitted: (all) => all.filter((instance) => !held.has(instance)),
    onReport({ name, state }) {
      if (name === BRAIN_INSTANCE && (HAD_ITS_TURN.has(state) || !isComing())) releaseOthers();
    },
    onGone(name) {
      if (name === BRAIN_INSTANCE) releaseOthers();
    },
    trouble: settingTrouble,
    problem() {
      if (deps.isKnown()) return null;
      if (setting === null) return 'no model of the brain is configured: run "drover config set brain MODEL"';
      return settingTrouble() ?? "the brain's model is not there yet";
    },
  };
}

function configOf({ model, devices, context }: BrainSetting) {
  const source = model.startsWith('/') ? { path: model } : { id: model };
  const split = devices !== null && devices.length > 1 ? 'layer' : 'none';
  return unwrittenConfig({
    name: BRAIN_INSTANCE,
    model: { ...source, ...(context === null ? {} : { context_size: context }) },
    ...(devices === null ? {} : { gpu: { devices: [...devices], split } }),
    pinned: true,
  });
}
