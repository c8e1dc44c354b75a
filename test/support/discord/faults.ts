/** What goes wrong with a call. `afterwards`: Discord does what it was asked to, and only the answer is lost. */
export interface Fault {
  readonly method?: string;
  readonly path: RegExp;
  /** How many calls it hits. 1 when missing. */
  readonly times?: number;
  readonly status?: number;
  /** Discord's own code in the body. */
  readonly code?: number;
  readonly retryAfterS?: number;
  readonly delayMs?: number;
  readonly isReset?: boolean;
  readonly isSilent?: boolean;
  readonly afterwards?: boolean;
}

/** The faults that wait for their calls. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** Forgets all faults. */
  clear(): void {
    this.#waiting.length = 0;
  }

  take(method: string, path: string): Fault | undefined {
    const hit = this.#waiting.find(
      ({ fault, left }) =>
        left > 0 && fault.path.test(path) && (fault.method === undefined || fault.method === method),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault;
  }
}
