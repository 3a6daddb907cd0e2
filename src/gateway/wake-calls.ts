/** Asking for what sleeps: one call at a time for each sleeper, however many requests wait for it. */

/** Who has to get up before a request can be served. */
export type WakeCall =
  /** An instance that was unloaded for want of requests. */
  | { readonly kind: 'instance'; readonly name: string }
  /** A model of the catalogue that no instance serves. */
  | { readonly kind: 'model'; readonly name: string };

/** Resolves when it is ready. Rejects with the AppError that whoever waits for it is told. */
export type Wake = (call: WakeCall) => Promise<void>;

export function isSameCall(one: WakeCall, other: WakeCall): boolean {
  return one.kind === other.kind && one.name === other.name;
}

export class WakeCalls {
  readonly #wake: Wake;
  readonly #onFailed: (call: WakeCall, error: unknown) => void;
  readonly #pending = new Set<string>();

  constructor(wake: Wake, onFailed: (call: WakeCall, error: unknown) => void) {
    this.#wake = wake;
    this.#onFailed = onFailed;
  }

  /** Does nothing while the last such call is unanswered. */
  want(call: WakeCall): void {
    const key = `${call.kind} ${call.name}`;
    if (this.#pending.has(key)) return;
    this.#pending.add(key);
    const answered = (): boolean => this.#pending.delete(key);
    this.#wake(call).then(answered, (error: unknown) => {
      answered();
      this.#onFailed(call, error);
    });
  }
}
