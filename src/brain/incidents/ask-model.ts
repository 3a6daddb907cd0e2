/** When the brain's model is asked for a patch of a step, and when it no longer is. */

import { changeIncident, countProposals } from '../../store/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';
import type { Turn } from '../turn/turn.ts';
import { tell } from './incident-facts.ts';
import { repairQuestion } from './question.ts';
import { giveUp } from './unfixable.ts';

/** Patches of a model. */
const PROPOSALS = { perIncident: 2, perBatch: 5 } as const;

/** Why no patch is asked for, or null when one is. */
export async function whyNoModel(turn: Turn, known: Known, incident: IncidentRecord): Promise<string | null> {
  const { rules, brainModel } = turn.deps;
  if (rules().repair === 'off') return 'the setting repair is off';
  if (known.node.type !== 'shell' || known.kind !== 'task') return 'only commands are repaired';
  if (incident.proposals >= PROPOSALS.perIncident) return 'two patches did not help';
  if ((await countProposals(turn.tx.db, incident)) >= PROPOSALS.perBatch) return 'the batch has had five patches';
  return brainModel.unavailable();
}

/** Also after a restart: what an earlier life of ours asked is asked again. */
export function askModel(turn: Turn, batch: ActiveBatch, incident: IncidentRecord): void {
  const node = batch.nodes.get(incident.step);
  if (node?.type !== 'shell') return;
  turn.effects.push({ kind: 'propose', incident: incident.id, question: repairQuestion(node, incident) });
}

/** The next one is asked for, while there may be one. */
export async function refusePatch(
  turn: Turn,
  batch: ActiveBatch,
  incident: IncidentRecord,
  reason: string,
): Promise<void> {
  tell(turn, incident, 'incident.patch_refused', { incident: incident.id, author: incident.author ?? '', reason });
  const allowed =
    incident.proposals < PROPOSALS.perIncident &&
    (await countProposals(turn.tx.db, incident)) < PROPOSALS.perBatch &&
    turn.deps.brainModel.unavailable() === null;
  if (!allowed) return giveUp(turn, batch, incident, `the last patch was refused: ${reason}`);
  const objection = `${incident.patch ?? 'it'} was refused: ${reason}`;
  await changeIncident(turn.tx, incident.id, { state: 'proposing', objection });
  askModel(turn, batch, { ...incident, objection });
}
