/** Configs of instances as people write them: read when one is started, written when one is adopted, gone when it is removed. */

import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

import { instanceConfigFile, invalidConfig, loadInstance } from '../../config/index.ts';
import type { LoadedInstance } from '../../config/index.ts';
import { AppError } from '../../contract/index.ts';
import { writeFileAtomic } from '../../kernel/index.ts';
import { configOfSpec } from '../specs/spec-config.ts';
import type { SpecResolver, UsableConfig } from '../specs/spec-resolver.ts';
import type { DesiredInstance } from './desired.ts';
import type { InstanceViews } from './instance-views.ts';

type Resolved = Pick<DesiredInstance, 'spec' | 'config' | 'ephemeral'>;

export interface InstanceConfigs {
  /**
   * What the config says now, and as it was written; what is declared without a config and has none stays as it is.
   * Rejects with CONFIG_INVALID, MODEL_…, PORT_TAKEN or ENGINE_….
   */
  resolve(name: string, declared: DesiredInstance | null): Promise<Resolved>;
  /** The text of the config, which is written now where there is none. */
  ensure(name: string, entry: Pick<DesiredInstance, 'spec' | 'config'>): string;
  remove(name: string): void;
}

interface InstanceConfigsDeps {
  readonly home: string;
  readonly specs: Pick<SpecResolver, 'resolve'>;
  readonly views: Pick<InstanceViews, 'reportOf'>;
}

export function createInstanceConfigs({ home, specs, views }: InstanceConfigsDeps): InstanceConfigs {
  return {
    async resolve(name, declared) {
      const loaded = loadInstance(home, name);
      if (declared?.config === null && loaded.kind === 'absent') return declared;
      const config = usable(name, loaded);
      const spec = await specs.resolve(config, views.reportOf(name)).catch((error: unknown) => {
        throw mendedByEditing(name, error);
      });
      return { spec, config: readFileSync(config.file, 'utf8'), ephemeral: false };
    },
    ensure(name, { config, spec }) {
      const file = instanceConfigFile(home, name);
      if (loadInstance(home, name).kind === 'absent') writeFileAtomic(file, config ?? configOfSpec(spec));
      return readFileSync(file, 'utf8');
    },
    remove: (name) => rmSync(dirname(instanceConfigFile(home, name)), { recursive: true, force: true }),
  };
}

/** The config, or the error that says why it cannot be used. */
function usable(name: string, loaded: LoadedInstance): UsableConfig {
  if (loaded.kind === 'ok') return loaded;
  if (loaded.kind === 'absent') {
    throw new AppError('CONFIG_INVALID', `${name} has no config at ${loaded.file}`, {
      hint: `run "drover adopt ${name}" to write it again, or "drover init ${name} --force"`,
    });
  }
  throw mendedByEditing(name, invalidConfig(loaded.problems));
}

/** Whatever else its hint says. */
function mendedByEditing(name: string, error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, cause, detail } = error;
  const remedy = `"drover edit ${name}"`;
  const hint = error.hint === undefined ? `run ${remedy}` : `${error.hint} (${remedy})`;
  return new AppError(code, message, { cause, hint, ...(detail === undefined ? {} : { detail }) });
}
