/**
 * Who holds which slot. The only place that counts them: a slot is held by at most one hold, and a hold is given back
 * once. An instance that was started anew has all its slots free; holds on its former process count no more. Pure.
 */

/** One held slot. */
export interface SlotHold {
  readonly instance: string;
  readonly incarnation: string;
}

interface InstanceSlots {
  incarnation: string;
  total: number;
  readonly holds: Set<SlotHold>;
}

export class SlotTable {
  readonly #instances = new Map<string, InstanceSlots>();

  /** `incarnation` names the process: another one than before empties the table of the instance. */
  setInstance(name: string, incarnation: string, total: number): void {
    const known = this.#instances.get(name);
    if (known !== undefined && known.incarnation === incarnation) known.total = total;
    else this.#instances.set(name, { incarnation, total, holds: new Set() });
  }

  removeInstance(name: string): void {
    this.#instances.delete(name);
  }

  busy(name: string): number {
    return this.#instances.get(name)?.holds.size ?? 0;
  }

  total(name: string): number {
    return this.#instances.get(name)?.total ?? 0;
  }

  hasFree(name: string): boolean {
    const slots = this.#instances.get(name);
    return slots !== undefined && slots.holds.size < slots.total;
  }

  /** Null when every slot is held or the instance is unknown. */
  hold(name: string): SlotHold | null {
    const slots = this.#instances.get(name);
    if (slots === undefined || slots.holds.size >= slots.total) return null;
    const hold: SlotHold = { instance: name, incarnation: slots.incarnation };
    slots.holds.add(hold);
    return hold;
  }

  /** Whether the process it was taken on still runs and the hold was not given back. */
  isHeld(hold: SlotHold): boolean {
    return this.#instances.get(hold.instance)?.holds.has(hold) ?? false;
  }

  /** True when this call gave the slot back; false for every further one. */
  release(hold: SlotHold): boolean {
    return this.#instances.get(hold.instance)?.holds.delete(hold) ?? false;
  }
}
