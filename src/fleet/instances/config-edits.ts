/**
 * Whether the config of a running instance has been edited since its engine was started. A spec is resolved again only
 * when the file, or the model's, is another one than at the last look.
 */

import type { LoadedInstance } from '../../config/index.ts';
import type { InstanceReport } from '../../contract/index.ts';
import { statIfThere } from '../../kernel/index.ts';
import { hasEngine } from './instance-view.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';

interface ConfigEdits {
  /** True when a restart would run something else than what runs. */
  reachesOnlyAfterRestart(loaded: LoadedInstance, report: InstanceReport | null): Promise<boolean>;
}

interface Looked {
  readonly mark: string;
  readonly fingerprint: Promise<string | null>;
}

export function createConfigEdits(specs: Pick<SpecResolver, 'fingerprint'>): ConfigEdits {
  const looked = new Map<string, Looked>();

  function fingerprintOf(loaded: Extract<LoadedInstance, { kind: 'ok' }>, model: string): Promise<string | null> {
    const mark = `${markOf(loaded.file)} ${markOf(model)}`;
    const known = looked.get(loaded.file);
    if (known?.mark === mark) return known.fingerprint;
    const fingerprint = specs.fingerprint(loaded);
    looked.set(loaded.file, { mark, fingerprint });
    return fingerprint;
  }

  return {
    async reachesOnlyAfterRestart(loaded, report) {
      if (report === null || !hasEngine(report) || loaded.kind !== 'ok') return false;
      const fingerprint = await fingerprintOf(loaded, report.model);
      return fingerprint !== null && fingerprint !== report.fingerprint;
    },
  };
}

/** Another one after every edit. */
function markOf(file: string): string {
  const stat = statIfThere(file);
  return stat === undefined ? 'absent' : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
}
