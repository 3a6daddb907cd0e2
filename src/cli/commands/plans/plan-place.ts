/**
 * Where the controller finds a plan: its folder here, where both see one disk, else a copy that is sent there, else a
 * plan that has this name there.
 */

import { basename, dirname } from 'node:path';

import type { CliContext } from '../../context.ts';
import { findPlan, isUnknownPlan, readPlanText } from './plan-folder.ts';

export interface PlacedPlan {
  /** On the controller's host. */
  readonly folder: string;
  readonly text: string;
  /** False: what the shell here has in its environment means nothing there. */
  readonly isHere: boolean;
}

/** What may be in a plan folder and is none of a version. */
const LEFT_OUT = new Set(['history', '.git', 'node_modules']);

export async function placePlan(
  context: CliContext,
  plan: string,
  { upload }: { readonly upload: boolean },
): Promise<PlacedPlan> {
  const shared = await sharesDisk(context);
  const here = await findPlan(context, plan).catch((error: unknown) => {
    if (shared || !isUnknownPlan(error)) throw error;
    return null;
  });
  if (here === null) {
    const { folder, text } = await context.client.plan(plan);
    return { folder, text, isHere: false };
  }
  const text = readPlanText(here);
  if (shared && !upload) return { folder: here, text, isHere: true };
  return { folder: await send(context, here), text, isHere: shared };
}

/** A controller that listens on the very socket we talk to runs on this machine. */
async function sharesDisk({ client, paths, isRemote }: CliContext): Promise<boolean> {
  const { endpoint } = client;
  if (isRemote || endpoint.kind !== 'socket') return false;
  return endpoint.path === paths.socket || (await client.daemon()).socket === endpoint.path;
}

async function send({ client, err }: CliContext, folder: string): Promise<string> {
  const { packFolder } = await import('../../../kernel/tar/index.ts');
  const tar = packFolder(folder, (path) => !LEFT_OUT.has(path));
  const uploaded = await client.uploadPlan(nameOf(folder), tar);
  err.line(`${uploaded.created ? 'sent to' : 'known there as'} ${uploaded.folder}`);
  return uploaded.folder;
}

/** Uploads are kept under names of few characters; of one that is sent on, `NAME/DIGEST`, that is the name. */
function nameOf(folder: string): string {
  const last = basename(folder);
  const name = (/^[0-9a-f]{64}$/.test(last) ? basename(dirname(folder)) : last).replace(/[^A-Za-z0-9._-]+/g, '-');
  return /^[A-Za-z0-9]/.test(name) ? name.slice(0, 100) : `plan${name}`.slice(0, 100);
}
