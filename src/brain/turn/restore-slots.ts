/** Holds on to the model slots of commands that have outlived the controller: their calls go on being served. */

import { slotsOfHeld } from '../../store/index.ts';
import { CONTROLLER } from '../book.ts';
import { holderOf } from '../tasks/task-state.ts';
import { keyOf } from './turn.ts';
import type { Turn } from './turn.ts';

export async function restoreSlots(turn: Turn): Promise<void> {
  for (const { taskId, no, slot } of await slotsOfHeld(turn.tx.db)) {
    const known = turn.book.known.get(taskId);
    const holder = known && holderOf(known.task);
    if (known?.task.attempt !== no || !holder || holder.agent === CONTROLLER) continue;
    turn.effects.push({ kind: 'restore-slot', key: keyOf(known), slot });
  }
}
