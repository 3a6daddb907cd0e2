/** `drover events`: what has happened, one JSON object a line, and with `-f` what happens. */

import { isDecision } from '../../../contract/decisions.ts';
import type { FactView } from '../../../contract/facts.ts';
import type { CliContext } from '../../context.ts';

interface EventFlags {
  readonly follow: boolean;
  readonly batch?: string;
  readonly after?: number;
  /** Only what the brain, or a person in its place, decided. */
  readonly brain: boolean;
  readonly json: boolean;
}

const PAGE = 1_000;

export async function events(this: CliContext, flags: EventFlags): Promise<void> {
  const facts = flags.follow ? follow(this, flags) : stored(this, flags);
  for await (const { seq, at, type, subject, data } of facts) {
    if (flags.brain && !isDecision(type)) continue;
    await this.out.send(`${JSON.stringify({ seq, at, type, subject, data })}\n`);
  }
}

/** A batch is told from its beginning, everything else from now on, unless `--after` says where. */
function follow({ client, signal }: CliContext, { batch, after }: EventFlags): AsyncGenerator<FactView> {
  return client.events({ batch, after: after ?? (batch === undefined ? undefined : 0), signal });
}

async function* stored({ client }: CliContext, { batch, after = 0 }: EventFlags): AsyncGenerator<FactView> {
  for (let from = after; ;) {
    const page = await client.facts({ after: from, limit: PAGE, ...(batch === undefined ? {} : { batch }) });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = last.seq;
  }
}
