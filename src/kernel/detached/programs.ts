/**
 * Starts programs that outlive this process and tells how each ended, whether this process started it or adopted it.
 * One folder of records is watched; no pipe, no timer and no fork of this process per program. Decides nothing about restarts or limits.
 */

import { existsSync, mkdirSync, statSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../clock.ts';
import { hasCode, readFileIfExists } from '../files.ts';
import { identifyProcess, isSameProcess } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { chooseBash, launchFile } from './launch-script.ts';
import { parseRecord } from './record.ts';
import type { Ending, LaunchRecord } from './record.ts';
import { createWatcherPool } from './watcher-pool.ts';
import type { WatcherPool } from './watcher-pool.ts';

export interface LaunchSpec {
  /** Names the record file: letters, digits, `.`, `_`, `-`. A record of an earlier launch with this id is replaced. */
  readonly id: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; put the marker in it. Bash adds PWD, SHLVL and `_`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Opened for appending, made when missing. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

export type LaunchResult =
  /** `pid` is the program's own, never its shell's; the program leads its process group. It may have ended already. */
  | { readonly kind: 'started'; readonly pid: number; readonly identity: ProcessIdentity }
  /** Nothing runs: folder missing, no bash. A program that cannot be executed is exit 126 or 127. */
  | { readonly kind: 'failed'; readonly message: string };

/** What the record of an id says now. */
export type Inspection =
  | { readonly kind: 'running'; readonly identity: ProcessIdentity }
  | { readonly kind: 'ended'; readonly identity: ProcessIdentity; readonly ending: Ending }
  /** Started, not running any more, and no end recorded (yet). */
  | { readonly kind: 'dead'; readonly identity: ProcessIdentity }
  /** Never started, or its record was forgotten. */
  | { readonly kind: 'unknown' };

export interface DetachedPrograms {
  /** The bash of this host, for programs that are shell text. */
  readonly bash: string;
  launch(spec: LaunchSpec): Promise<LaunchResult>;
  inspect(id: string): Inspection;
  /** Resolves at the program's end, also when it lies in the past; for launched and adopted programs alike. */
  ended(id: string): Promise<Ending>;
  /** Removes the record, once its ending is kept elsewhere. */
  forget(id: string): void;
  /** Stops watching; programs run on, and promises of `ended` stay open. */
  close(): void;
}

/** A program that dies together with its shell leaves no record; looking for that is all this beat is for. */
const LOST_BEAT_MS = 2_000;

/** A start during which so many watchers have died is hopeless. */
const MOST_REQUESTS = 3;

interface Waiting {
  onStart: ((result: LaunchResult) => void) | null;
  /** How often the start was asked for. */
  requests: number;
  readonly onEnd: ((ending: Ending) => void)[];
  /** Known once its record told of its start. */
  identity: ProcessIdentity | null;
  /** Was found dead without an end at the last beat; the shell may have been about to write it. */
  suspect: boolean;
}

/** Watches `dir`, which nobody else may write to. Make one per kind of program. */
export function createDetachedPrograms(dir: string, clock: Clock): DetachedPrograms {
  return new WatchedFolder(dir, clock);
}

class WatchedFolder implements DetachedPrograms {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly bash = chooseBash(existsSync);
  readonly #waiting = new Map<string, Waiting>();
  readonly #watcher: FSWatcher;
  readonly #watchers: WatcherPool;
  #beat: Disposable | null = null;

  constructor(dir: string, clock: Clock) {
    this.#dir = dir;
    this.#clock = clock;
    mkdirSync(join(dir, 'launch'), { recursive: true, mode: 0o700 });
    const bootId = identifyProcess(process.pid)?.bootId ?? 'unknown';
    this.#watchers = createWatcherPool({
      bash: this.bash,
      records: dir,
      bootId,
      onError: (reason) => this.#failEveryStart(reason),
      onGone: (id) => this.#askAgain(id),
    });
    this.#watcher = watch(dir, (event, name) => {
      if (name === null) this.#lookAtAll();
      else if (event === 'change') this.#look(name);
    });
  }

  launch(spec: LaunchSpec): Promise<LaunchResult> {
    const { id } = spec;
    if (existsSync(this.#path(id))) this.forget(id);
    return new Promise((resolve) => {
      try {
        writeFileSync(this.#launchPath(id), launchFile(spec), { mode: 0o600 });
      } catch (error) {
        return resolve({ kind: 'failed', message: String(error) });
      }
      const entry = this.#entry(id);
      entry.onStart = resolve;
      this.#request(id, entry);
      this.#keepBeat();
    });
  }

  inspect(id: string): Inspection {
    const record = this.#read(id);
    if (!record?.started) return { kind: 'unknown' };
    const identity = identityOf(record.started);
    if (!record.ended) return { kind: isSameProcess(identity) ? 'running' : 'dead', identity };
    return { kind: 'ended', identity, ending: endingOf(record.ended, this.#writtenAt(id)) };
  }

  ended(id: string): Promise<Ending> {
    return new Promise((resolve) => {
      this.#entry(id).onEnd.push(resolve);
      this.#look(id);
      this.#keepBeat();
    });
  }

  forget(id: string): void {
    this.#waiting.delete(id);
    this.#watchers.dismiss(id);
    unlinkIfExists(this.#path(id));
  }

  close(): void {
    this.#watchers.close();
    this.#watcher.close();
    this.#beat?.[Symbol.dispose]();
    this.#waiting.clear();
  }

  #request(id: string, entry: Waiting): void {
    entry.requests++;
    this.#watchers.request(id);
  }

  #askAgain(id: string): void {
    const entry = this.#waiting.get(id);
    if (entry?.onStart && entry.requests < MOST_REQUESTS) this.#request(id, entry);
  }

  /** Tells whoever waits what the record says by now. */
  #look(id: string): void {
    const entry = this.#waiting.get(id);
    const record = entry && this.#read(id);
    if (!record) return;
    if (record.ended || record.failed !== null) this.#watchers.release(id);
    if (record.started) this.#settleStart(id, entry, (entry.identity ??= identityOf(record.started)));
    else if (record.failed !== null) this.#failStart(id, record.failed);
    if (record.ended) this.#settle(id, endingOf(record.ended, this.#writtenAt(id)));
  }

  #settleStart(id: string, entry: Waiting, identity: ProcessIdentity): void {
    if (!entry.onStart) return;
    unlinkIfExists(this.#launchPath(id));
    entry.onStart({ kind: 'started', pid: identity.pid, identity });
    entry.onStart = null;
  }

  #lookAtAll(): void {
    for (const id of this.#waiting.keys()) this.#look(id);
  }

  #settle(id: string, ending: Ending): void {
    const entry = this.#waiting.get(id);
    this.#waiting.delete(id);
    for (const resolve of entry?.onEnd ?? []) resolve(ending);
  }

  #failStart(id: string, message: string): void {
    this.#waiting.get(id)?.onStart?.({ kind: 'failed', message });
    unlinkIfExists(this.#launchPath(id));
    this.forget(id);
  }

  #failEveryStart(message: string): void {
    for (const [id, entry] of this.#waiting) if (entry.onStart) this.#failStart(id, message);
  }

  #keepBeat(): void {
    if (this.#beat || this.#waiting.size === 0) return;
    this.#beat = this.#clock.after(LOST_BEAT_MS, () => {
      this.#beat = null;
      for (const [id, entry] of this.#waiting) this.#suspectOrLose(id, entry);
      this.#keepBeat();
    });
  }

  /** Two beats dead without an end, or without a beginning: it is lost. The living are asked for no more than that. */
  #suspectOrLose(id: string, entry: Waiting): void {
    if (entry.identity !== null && isSameProcess(entry.identity)) return void (entry.suspect = false);
    this.#look(id);
    if (!this.#waiting.has(id)) return;
    const gone = this.inspect(id).kind !== 'running';
    if (gone && entry.suspect) this.#lose(id, entry);
    entry.suspect = gone;
  }

  #lose(id: string, entry: Waiting): void {
    this.#watchers.dismiss(id);
    if (entry.onStart) this.#failStart(id, 'the watcher did not answer');
    else this.#settle(id, { kind: 'lost', at: this.#clock.now() });
  }

  #entry(id: string): Waiting {
    const entry = this.#waiting.get(id) ?? { onStart: null, requests: 0, onEnd: [], identity: null, suspect: false };
    this.#waiting.set(id, entry);
    return entry;
  }

  #read(id: string): LaunchRecord | null {
    const text = readFileIfExists(this.#path(id));
    return text === null ? null : parseRecord(text);
  }

  /** The shell has no clock worth asking; the file system does. */
  #writtenAt(id: string): number {
    return Math.floor(statSync(this.#path(id), { throwIfNoEntry: false })?.mtimeMs ?? this.#clock.now());
  }

  #launchPath(id: string): string {
    return join(this.#dir, 'launch', id);
  }

  #path(id: string): string {
    return join(this.#dir, id);
  }
}

function identityOf(started: NonNullable<LaunchRecord['started']>): ProcessIdentity {
  const { pid, startTime, bootId } = started;
  return { pid, startTime: startTime ?? identifyProcess(pid)?.startTime ?? '', bootId };
}

function endingOf(ended: NonNullable<LaunchRecord['ended']>, at: number): Ending {
  return 'code' in ended ? { kind: 'exited', code: ended.code, at } : { kind: 'signalled', signal: ended.signal, at };
}

/** Cheaper than rm. */
function unlinkIfExists(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
