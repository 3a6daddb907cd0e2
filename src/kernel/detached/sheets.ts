/**
 * The files that launch records are written to. A file is used again when its record has been forgotten, since making
 * and removing one costs more than the rest of a launch: file systems are slow to make files where many were removed.
 * Records follow each other on a file, since emptying it costs as much: ext4 then flushes it at the writer's close, and
 * the next one to empty it waits for the disk.
 */

import { closeSync, fstatSync, ftruncateSync, openSync, readSync, readdirSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { hasCode } from '../files.ts';
import { FORGOTTEN, parseRecord } from './record.ts';
import type { LaunchRecord } from './record.ts';

/** A record as it is on its file now. */
interface WrittenRecord extends LaunchRecord {
  /** Epoch ms of the last line. The shell has no clock worth asking; the file system does. */
  readonly writtenAt: number;
}

export interface Sheets {
  /** Keeps a file for the record of this id: an empty one, or one on which nothing counts any more. */
  take(id: string): void;
  /** Of the file that was taken for this id, within the folder. */
  nameFor(id: string): string;
  /** The record of this id; null when there is none. */
  read(id: string): WrittenRecord | null;
  /** Whose record is on the file of this name; a file that somebody else has made is taken up. */
  idOn(name: string): string | null;
  /** The record is wanted no more. Its file is used again unless somebody may still write to it. */
  forget(id: string, writer: 'done' | 'alive'): void;
  /** Records go on being written; nothing is read any more. */
  close(): void;
}

interface Sheet {
  readonly name: string;
  readonly handle: number;
  /** Made by this process, which alone decides who writes to it. */
  readonly own: boolean;
  /** Where the record begins at the earliest. */
  from: number;
}

/** A record is a few lines; one that fills this is cut. */
const MOST_BYTES = 64 * 1_024;
/** A file is emptied when its forgotten records are longer than this. */
const FULL_BYTES = 32 * 1_024;

export function openSheets(dir: string): Sheets {
  return new SheetFolder(dir);
}

class SheetFolder implements Sheets {
  readonly #dir: string;
  readonly #buffer = Buffer.allocUnsafe(MOST_BYTES);
  readonly #sheets = new Map<string, Sheet>();
  /** By name; null for a file without a record that counts. */
  readonly #ids = new Map<string, string | null>();
  readonly #free: Sheet[] = [];
  #made = 0;

  constructor(dir: string) {
    this.#dir = dir;
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.isFile() && this.#adopt(entry.name) === null) unlinkIfThere(join(dir, entry.name));
    }
  }

  take(id: string): void {
    this.#assign(id, this.#free.pop() ?? this.#make());
  }

  nameFor(id: string): string {
    const sheet = this.#sheets.get(id);
    if (!sheet) throw new Error(`there is no record for ${id}`);
    return sheet.name;
  }

  read(id: string): WrittenRecord | null {
    const sheet = this.#sheets.get(id);
    if (!sheet) return null;
    const record = parseRecord(this.#text(sheet));
    return record.id === id ? { ...record, writtenAt: Math.floor(fstatSync(sheet.handle).mtimeMs) } : null;
  }

  idOn(name: string): string | null {
    const known = this.#ids.get(name);
    return known === undefined ? this.#adopt(name) : known;
  }

  forget(id: string, writer: 'done' | 'alive'): void {
    const sheet = this.#sheets.get(id);
    if (!sheet) return;
    this.#sheets.delete(id);
    if (sheet.own && writer === 'done') this.#clear(sheet);
    else this.#remove(sheet);
  }

  close(): void {
    for (const { handle } of [...this.#sheets.values(), ...this.#free]) closeSync(handle);
    for (const { name } of this.#free) unlinkIfThere(join(this.#dir, name));
    this.#sheets.clear();
    this.#ids.clear();
    this.#free.length = 0;
  }

  #make(): Sheet {
    for (;;) {
      const name = `${process.pid}-${(this.#made += 1)}`;
      try {
        return { name, handle: openSync(join(this.#dir, name), 'ax+', 0o600), own: true, from: 0 };
      } catch (error) {
        // Of an earlier process with this number.
        if (!hasCode(error, 'EEXIST')) throw error;
      }
    }
  }

  /** Takes up what an earlier process left, or had just asked for when it was killed. */
  #adopt(name: string): string | null {
    const handle = openIfThere(join(this.#dir, name));
    if (handle === null) return null;
    const sheet = { name, handle, own: false, from: 0 };
    const { id } = parseRecord(this.#text(sheet));
    if (id === null || this.#sheets.has(id)) closeSync(handle);
    else this.#assign(id, sheet);
    return id;
  }

  #clear(sheet: Sheet): void {
    writeSync(sheet.handle, FORGOTTEN);
    sheet.from = fstatSync(sheet.handle).size;
    if (sheet.from > FULL_BYTES) {
      ftruncateSync(sheet.handle, 0);
      sheet.from = 0;
    }
    this.#ids.set(sheet.name, null);
    this.#free.push(sheet);
  }

  #remove({ name, handle }: Sheet): void {
    this.#ids.delete(name);
    closeSync(handle);
    unlinkIfThere(join(this.#dir, name));
  }

  #assign(id: string, sheet: Sheet): void {
    this.#sheets.set(id, sheet);
    this.#ids.set(sheet.name, id);
  }

  #text({ handle, from }: Sheet): string {
    return this.#buffer.toString('utf8', 0, readSync(handle, this.#buffer, 0, MOST_BYTES, from));
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
