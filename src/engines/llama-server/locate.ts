/** Finds a llama-server (configured, on PATH, or built by us) and reads what it can do, once per binary. */

import { isAbsolute, join } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import { readFileIfExists, writeFileAtomic } from '../../kernel/index.ts';
import type { EngineBinary, HelpFlag } from '../engine.ts';
import { BUILD_BACKENDS, engineFolder, llamaServerFile, llamaServerFolder } from '../engine-folder.ts';
import type { EngineFolderSettings } from '../engine-folder.ts';
import { packagedRelease } from '../packaged-sources.ts';
import { askProgram, fileDigest, findOnPath, isExecutable } from '../program.ts';
import { flagsByName, parseHelp, parseVersion } from './help.ts';

const ASK_TIMEOUT_MS = 20_000;
/** Rises when more is remembered of a binary: notes of another format are not read. */
const NOTE_FORMAT = 2;

/** Where a binary lies, not yet asked for anything. */
interface Place {
  readonly file: string;
  readonly origin: EngineBinary['origin'];
}

/** What is remembered of a binary on disk. */
interface Known {
  readonly version: string;
  readonly flags: readonly HelpFlag[];
}

/**
 * The llama-server to use: the configured path, else the first on PATH, else one that we built (fastest backend
 * first). Rejects with ENGINE_NOT_FOUND.
 */
export async function findLlamaServer(
  settings: EngineFolderSettings,
  configured: string | undefined,
  signal?: AbortSignal,
): Promise<EngineBinary> {
  const { file, origin } = findPlace(settings, configured);
  const known = await inspect(file, join(engineFolder(settings), 'known'), signal);
  return { file, leadingArgs: [], version: known.version, flags: flagsByName(known.flags), origin };
}

function findPlace(settings: EngineFolderSettings, configured: string | undefined): Place {
  if (configured !== undefined) {
    const file = isAbsolute(configured) ? configured : findOnPath(configured, settings.environment);
    if (file !== null && isExecutable(file)) return { file, origin: 'config' };
    throw new AppError('ENGINE_NOT_FOUND', `engine.path "${configured}" is no executable file`, {
      hint: 'correct "engine": {"path": …}, or leave it out to use the one on PATH or built by "drover engine build"',
      detail: { path: configured },
    });
  }
  const onPath = findOnPath('llama-server', settings.environment);
  if (onPath !== null) return { file: onPath, origin: 'path' };
  const built = builtFiles(settings).find(isExecutable);
  if (built !== undefined) return { file: built, origin: 'built' };
  throw new AppError('ENGINE_NOT_FOUND', 'no llama-server on PATH, configured or built', {
    hint: 'run "drover engine build", or use "engine": {"kind": "embedded"}',
  });
}

function builtFiles(settings: EngineFolderSettings): readonly string[] {
  const engines = engineFolder(settings);
  const release = packagedRelease();
  return BUILD_BACKENDS.map((backend) => llamaServerFile(llamaServerFolder(engines, release, backend)));
}

/** Version and flags, remembered by the file's identity: asking costs a process start, seconds with some drivers. */
async function inspect(file: string, knownFolder: string, signal: AbortSignal | undefined): Promise<Known> {
  const note = join(knownFolder, `${fileDigest(file)}.${NOTE_FORMAT}.json`);
  const remembered = readNote(note);
  if (remembered !== null) return remembered;
  const asked = { timeoutMs: ASK_TIMEOUT_MS, signal };
  const [version, help] = await Promise.all([
    askProgram(file, { ...asked, args: ['--version'] }),
    askProgram(file, { ...asked, args: ['--help'] }),
  ]);
  const known: Known = { version: parseVersion(version), flags: parseHelp(help) };
  writeFileAtomic(note, `${JSON.stringify(known)}\n`);
  return known;
}

function readNote(note: string): Known | null {
  const text = readFileIfExists(note);
  try {
    return text === null ? null : (JSON.parse(text) as Known); // written whole by this file only
  } catch {
    return null; // spoiled by somebody else: the program is asked again
  }
}
