import { randomUUID } from "node:crypto";

import type { AnswerEnds, RateLimit } from "../../../ports/rate-limits.ts";

/** What a process did under one limit and has not told Redis yet. */
export interface RateNote {
  readonly limit: RateLimit;
  /** The calls that count: time and name of each. */
  readonly calls: readonly (readonly [atMs: number, name: string])[];
  /** Answers with a reservation from a time on. */
  readonly opens: ReadonlyMap<string, number>;
  /** Answers whose reservation has ended. */
  readonly closes: ReadonlySet<string>;
}

interface Note extends RateNote {
  readonly calls: [atMs: number, name: string][];
  readonly opens: Map<string, number>;
  readonly closes: Set<string>;
}

/** Calls that nobody had to be asked about, until they are told to all replicas together. */
export class RateNotes {
  readonly #process = randomUUID();
  #count = 0;
  #takenCount = 0;
  #notes = new Map<string, Note>();

  /** A necessary call is made now. */
  add(limit: RateLimit, nowMs: number, { opens, closes }: AnswerEnds): void {
    this.#count += 1;
    if (limit.isCountedLate !== true) this.#of(limit).calls.push([nowMs, `${this.#process}/${this.#count}`]);
    if (closes !== undefined) {
      const note = this.#of(limit);
      note.opens.delete(closes);
      note.closes.add(closes);
    }
    if (opens !== undefined) {
      const note = this.#of(opens.limit);
      if (!note.opens.has(opens.answer)) note.opens.set(opens.answer, nowMs);
    }
  }

  /** How many calls are noted. */
  get count(): number {
    return this.#count - this.#takenCount;
  }

  /** What was noted since the last take. */
  take(): readonly RateNote[] {
    const notes = [...this.#notes.values()];
    this.#notes = new Map();
    this.#takenCount = this.#count;
    return notes;
  }

  #of(limit: RateLimit): Note {
    const known = this.#notes.get(limit.name);
    if (known !== undefined) return known;
    const note: Note = { limit, calls: [], opens: new Map(), closes: new Set() };
    this.#notes.set(limit.name, note);
    return note;
  }
}
