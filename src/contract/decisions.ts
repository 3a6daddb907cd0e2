/** Which facts belong to the decision log: what the brain, or a person in its place, chose. Loads nothing. */

const KINDS = ['batch.', 'task.', 'attempt.', 'plan.', 'incident.', 'repair.', 'escalation.', 'model.placement_'];
const SINGLE: ReadonlySet<string> = new Set(['agent.lost', 'device.held', 'device.released', 'device.signalled']);
/** What happened by itself once something was decided. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['task.released', 'task.started', 'task.succeeded', 'batch.started']);

export function isDecision(type: string): boolean {
  if (CONSEQUENCES.has(type)) return false;
  return SINGLE.has(type) || KINDS.some((kind) => type.startsWith(kind));
}
