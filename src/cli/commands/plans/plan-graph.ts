/** `drover plan graph`: the tasks of a plan as a picture. */

import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { EXIT } from '../../../contract/exit-codes.ts';
import { makeFolder } from '../../../kernel/files.ts';
import type { Picture } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';
import { findPlan, readPlanFolder } from './plan-folder.ts';
import { showDiagnostics } from './show-diagnostics.ts';

interface GraphFlags {
  readonly svg: boolean;
  readonly mermaid: boolean;
  readonly out?: string;
}

export async function graph(this: CliContext, flags: GraphFlags, plan: string): Promise<void> {
  const { hasErrors, lintPlan, parsePlan, pictureOf } = await import('../../../plans/index.ts');
  const { text, checks } = await readPlanFolder(await findPlan(this, plan));
  const parsed = parsePlan({ file: 'plan.md', text });
  const diagnostics = lintPlan(parsed, checks);
  if (!hasErrors(diagnostics)) return printPicture(this, flags, pictureOf(parsed));
  await showDiagnostics(this, { diagnostics, source: text, json: false });
  this.end(EXIT.invalidFile);
}

/** Mermaid, unless SVG is asked for, by its flag or by the name of the file. */
async function printPicture(context: CliContext, flags: GraphFlags, picture: Picture): Promise<void> {
  const { toMermaid, toSvg } = await import('../../../plans/index.ts');
  const asSvg = flags.svg || (!flags.mermaid && flags.out?.endsWith('.svg') === true);
  const drawn = asSvg ? toSvg(picture) : toMermaid(picture);
  if (flags.out === undefined) return context.out.send(drawn);
  const file = resolve(context.cwd, flags.out);
  makeFolder(dirname(file));
  writeFileSync(file, drawn);
  context.out.line(file);
}
