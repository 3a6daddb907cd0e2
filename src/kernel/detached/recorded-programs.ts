/** What launch records say to somebody who does not watch their folder: it is only read. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { readFileIfExists } from '../files.ts';
import { identifyProcess, isSameProcess } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { parseRecord } from './record.ts';
import type { LaunchRecord } from './record.ts';

/** True while a program lives that has a record in this folder. */
export function anyProgramRuns(dir: string): boolean {
  if (!existsSync(dir)) return false;
  return readdirSync(dir).some((name) => {
    const { started, ended } = parseRecord(readFileIfExists(join(dir, name)) ?? '');
    return started !== null && ended === null && isSameProcess(identityOf(started));
  });
}

/** Where a record holds no start time, the process that has its pid now is meant. */
export function identityOf({ pid, startTime, bootId }: NonNullable<LaunchRecord['started']>): ProcessIdentity {
  return { pid, startTime: startTime ?? identifyProcess(pid)?.startTime ?? '', bootId };
}
