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
  add(limit: RateLimit, nowMs: number, { opens, closes, releases }: AnswerEnds): void {
    this.#count += 1;
    if (limit.isCountedLate !== true) this.#of(limit).calls.push([nowMs, `${this.#process}/${this.#count}`]);
    if (closes !== undefined) this.#close(limit, closes);
    if (releases !== undefined) this.#close(releases.limit, releases.answer);
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

  #close(limit: RateLimit, answer: string): void {
    const note = this.#of(limit);
    note.opens.delete(answer);
    note.closes.add(answer);
  }

  #of(limit: RateLimit): Note {
    const known = this.#notes.get(limit.name);
    if (known !== undefined) return known;
    const note: Note = { limit, calls: [], opens: new Map(), closes: new Set() };
    this.#notes.set(limit.name, note);
    return note;
  }
}
