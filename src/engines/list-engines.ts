/** Which kinds of engines this machine has, and what is known of each. */

import { AppError } from '../contract/errors.ts';
import type { EngineView } from '../contract/engine-view.ts';
import type { Engines } from './engines.ts';
import type { EngineBinary } from './engine.ts';

/** In the order of the kinds. Rejects with what is worse than an engine that is not there. */
export function listEngines(engines: Engines, signal: AbortSignal): Promise<EngineView[]> {
  return Promise.all(Object.values(engines).map((engine) => look(engine, signal)));
}

async function look(engine: Engines[keyof Engines], signal: AbortSignal): Promise<EngineView> {
  const { kind } = engine;
  if (kind === 'command' || kind === 'remote') return { ...UNKNOWN, engine: kind, available: true, origin: 'config' };
  try {
    const gpu = { backend: 'cpu' as const, devices: [], layers: 'auto' as const, split: 'none' as const };
    return found(kind, await engine.locate({ engine: { kind, args: [] }, gpu }, signal));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'ENGINE_NOT_FOUND') throw error;
    return { ...UNKNOWN, engine: kind, available: false, reason: error.message, hint: error.hint ?? null };
  }
}

const UNKNOWN = { version: null, origin: null, file: null, flags: null, reason: null, hint: null };

function found(engine: EngineView['engine'], { version, origin, file, flags }: EngineBinary): EngineView {
  const known = flags === null ? null : [...flags.keys()].toSorted();
  return { ...UNKNOWN, engine, available: true, version, origin, file, flags: known };
}
