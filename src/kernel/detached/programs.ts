/**
 * Starts programs that outlive this process and tells how each ended, whether this process started it or adopted it.
 * One folder of records is watched; no pipe, no timer and no fork of this process per program. Decides nothing about restarts or limits.
 */

import { existsSync, mkdirSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';

import type { Clock } from '../clock.ts';
import { identifyProcess, isSameProcess } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { chooseBash, launchRequest } from './launch-script.ts';
import type { LaunchSpec } from './launch-spec.ts';
import type { Ending, LaunchRecord } from './record.ts';
import { identityOf } from './recorded-programs.ts';
import { openSheets } from './sheets.ts';
import type { Sheets } from './sheets.ts';
import { createWatcherPool } from './watcher-pool.ts';
import type { WatcherPool } from './watcher-pool.ts';

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
  start: PendingStart | null;
  readonly onEnd: ((ending: Ending) => void)[];
  /** Known once its record told of its start. */
  identity: ProcessIdentity | null;
  /** Was found dead without an end at the last beat; the shell may have been about to write it. */
  suspect: boolean;
}

interface PendingStart {
  readonly spec: LaunchSpec;
  readonly resolve: (result: LaunchResult) => void;
  /** How often it was asked for. */
  requests: number;
}

/** Watches `dir`, which nobody else may write to. Make one per kind of program. */
export function createDetachedPrograms(dir: string, clock: Clock): DetachedPrograms {
  return new WatchedFolder(dir, clock);
}

class WatchedFolder implements DetachedPrograms {
  readonly #clock: Clock;
  readonly bash = chooseBash(existsSync);
  readonly #sheets: Sheets;
  readonly #waiting = new Map<string, Waiting>();
  readonly #watcher: FSWatcher;
  readonly #watchers: WatcherPool;
  /** Files that have changed and were not looked at yet; a record is written in several pieces. */
  readonly #changed = new Set<string>();
  #beat: Disposable | null = null;

  constructor(dir: string, clock: Clock) {
    this.#clock = clock;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#watcher = watch(dir, (_event, name) => {
      if (name === null) return this.#lookAtAll();
      if (this.#changed.size === 0) setImmediate(() => this.#lookAtChanged());
      this.#changed.add(name);
    });
    this.#sheets = openSheets(dir);
    this.#watchers = createWatcherPool({
      bash: this.bash,
      records: dir,
      bootId: identifyProcess(process.pid)?.bootId ?? 'unknown',
      onError: (reason) => this.#failEveryStart(reason),
      onGone: (id) => this.#askAgain(id),
    });
  }

  launch(spec: LaunchSpec): Promise<LaunchResult> {
    this.forget(spec.id);
    return new Promise((resolve) => {
      try {
        this.#sheets.take(spec.id);
      } catch (error) {
        return resolve({ kind: 'failed', message: String(error) });
      }
      const entry = this.#entry(spec.id);
      entry.start = { spec, resolve, requests: 0 };
      this.#request(entry.start);
      this.#keepBeat();
    });
  }

  inspect(id: string): Inspection {
    const record = this.#sheets.read(id);
    if (!record?.started) return { kind: 'unknown' };
    const identity = identityOf(record.started);
    if (!record.ended) return { kind: isSameProcess(identity) ? 'running' : 'dead', identity };
    return { kind: 'ended', identity, ending: endingOf(record.ended, record.writtenAt) };
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
    const writer = this.#watchers.watches(id) ? 'alive' : 'done';
    this.#watchers.dismiss(id);
    this.#sheets.forget(id, writer);
  }

  close(): void {
    this.#watchers.close();
    this.#watcher.close();
    this.#beat?.[Symbol.dispose]();
    this.#waiting.clear();
    this.#changed.clear();
    this.#sheets.close();
  }

  #request(start: PendingStart): void {
    const { id, fresh } = start.spec;
    start.requests++;
    const text = launchRequest(start.spec, this.#sheets.nameFor(id));
    this.#watchers.request({ id, text, by: fresh === true ? 'new' : 'any' });
  }

  /** A watcher that has named the launch in its record may have begun it, so nobody else must. */
  #askAgain(id: string): void {
    this.#look(id);
    const start = this.#waiting.get(id)?.start;
    if (!start || this.#sheets.read(id) !== null) return;
    if (start.requests < MOST_REQUESTS) this.#request(start);
    else this.#failStart(id, 'no watcher has answered');
  }

  #lookAtChanged(): void {
    const names = [...this.#changed];
    this.#changed.clear();
    for (const name of names) {
      const id = this.#sheets.idOn(name);
      if (id !== null) this.#look(id);
    }
  }

  /** Tells whoever waits what the record says by now. */
  #look(id: string): void {
    const entry = this.#waiting.get(id);
    const record = entry && this.#sheets.read(id);
    if (!record) return;
    if (record.ended || record.failed !== null) this.#watchers.release(id);
    if (record.started) this.#settleStart(entry, (entry.identity ??= identityOf(record.started)));
    else if (record.failed !== null) this.#failStart(id, record.failed);
    if (record.ended) this.#settle(id, endingOf(record.ended, record.writtenAt));
  }

  #settleStart(entry: Waiting, identity: ProcessIdentity): void {
    entry.start?.resolve({ kind: 'started', pid: identity.pid, identity });
    entry.start = null;
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
    this.#waiting.get(id)?.start?.resolve({ kind: 'failed', message });
    this.forget(id);
  }

  #failEveryStart(message: string): void {
    for (const [id, entry] of this.#waiting) if (entry.start) this.#failStart(id, message);
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

  /** A watcher that has not answered must not do so later: it is ended, and another is asked. */
  #lose(id: string, entry: Waiting): void {
    if (entry.start === null) {
      this.#watchers.dismiss(id);
      this.#settle(id, { kind: 'lost', at: this.#clock.now() });
    } else if (!this.#watchers.abandon(id)) this.#failStart(id, 'the watcher did not answer');
  }

  #entry(id: string): Waiting {
    const entry = this.#waiting.get(id) ?? { start: null, onEnd: [], identity: null, suspect: false };
    this.#waiting.set(id, entry);
    return entry;
  }
}

function endingOf(ended: NonNullable<LaunchRecord['ended']>, at: number): Ending {
  return 'code' in ended ? { kind: 'exited', code: ended.code, at } : { kind: 'signalled', signal: ended.signal, at };
}
