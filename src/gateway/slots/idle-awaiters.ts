/** Those who want to know when no slot of an instance is held any more. Each is told once. */

import { addToGroup } from '../../kernel/index.ts';

export class IdleAwaiters {
  readonly #busy: (instance: string) => number;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(busy: (instance: string) => number) {
    this.#busy = busy;
  }

  add(instance: string, answer: () => void): void {
    addToGroup(this.#waiting, instance, answer);
    this.tell();
  }

  /** To be called after slots came back. */
  tell(): void {
    for (const [instance, answers] of this.#waiting) {
      if (this.#busy(instance) > 0) continue;
      this.#waiting.delete(instance);
      for (const answer of answers) answer();
    }
  }
}
