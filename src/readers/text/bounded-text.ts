import { enoughCpuMs, maxChars } from "./limits.ts";
import { cleanText } from "./clean-text.ts";

/** Thrown by BoundedText when nothing more can be added. */
export class Enough extends Error {
  override readonly name = "Enough";
}

/** How much is read. Tests lower it. */
export interface TextLimits {
  readonly chars: number;
  /** CPU time of this thread, counted from its start. */
  readonly cpuMs: number;
}

/** Collects the text of a file, up to its limits. */
export class BoundedText {
  readonly #limits: TextLimits;
  readonly #pieces: string[] = [];
  #chars = 0;
  #isBlank = true;

  constructor(limits: TextLimits = { chars: maxChars, cpuMs: enoughCpuMs }) {
    this.#limits = limits;
  }

  /** Nothing but marks and white space was added. */
  get isBlank(): boolean {
    return this.#isBlank;
  }

  /** Its time is over. */
  get isLate(): boolean {
    // It can't have worked for longer than it is there, and asking the clock costs less.
    return performance.now() > this.#limits.cpuMs && workedMs() > this.#limits.cpuMs;
  }

  /** Adds a text as it is in the file. @throws {Enough} when a limit is reached; what still fits is added. */
  add(raw: string): void {
    const room = this.#limits.chars - this.#chars;
    // A hostile text may be far longer than what fits, and cleaning takes time.
    const given = raw.slice(0, room * 2 + 1_000);
    const text = cleanText(given);
    this.#pieces.push(text.slice(0, room));
    this.#chars += Math.min(text.length, room);
    this.#isBlank &&= !/\S/u.test(text);
    if (given.length < raw.length || text.length > room) this.stop();
    this.checkTime();
  }

  /** Adds what says where something is, such as `[page 3]`. */
  mark(text: string): void {
    const wasBlank = this.#isBlank;
    try {
      this.add(text);
    } finally {
      this.#isBlank = wasBlank;
    }
  }

  /** Call it in loops that add nothing. @throws {Enough} when the time is over. */
  checkTime(): void {
    if (this.isLate) this.stop();
  }

  /** Leaves out the rest of the file. @throws {Enough} always. */
  stop(): never {
    throw new Enough();
  }

  /** The text so far. */
  toString(): string {
    return this.#pieces
      .join("")
      .replaceAll(/\n{3,}/gu, "\n\n")
      .replace(/[\uD800-\uDBFF]$/u, "")
      .trim();
  }
}

function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
