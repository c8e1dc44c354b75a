import { byBot, type Page } from "./page.ts";
import { TourError, type Patience } from "./patience.ts";
import type { Program } from "./program.ts";

/** What every scene of the tour needs. */
export interface Tour {
  readonly program: Program;
  readonly page: Page;
  readonly patience: Patience;
}

/** A post of the bot, as people read it now. */
interface ShownPost {
  readonly id: string;
  readonly text: string;
}

/** Waits for the bot's answers on one platform, and prints them. */
export class Answers {
  readonly #tour: Tour;
  readonly #posts: () => readonly ShownPost[];
  readonly #seen = new Set<string>();

  /** @param posts all that the bot has posted and not deleted, wherever it is. */
  constructor(tour: Tour, posts: () => readonly ShownPost[]) {
    this.#tour = tour;
    this.#posts = posts;
  }

  /** Asks, and prints the one answer to it, which holds `words`. @throws {TourError} when it is another, or two. */
  async follow(ask: () => unknown, words: string): Promise<void> {
    const { program, page, patience } = this.#tour;
    const before = program.turnsFinished;
    await ask();
    const answer = await patience.until(`an answer with “${words}”`, () =>
      program.turnsFinished === before ? undefined : this.#news().find(({ text }) => text.includes(words)),
    );
    const news = this.#news();
    if (news.length > 1)
      throw new TourError(`The answer with “${words}” is one of ${news.length} new posts.`);
    this.#seen.add(answer.id);
    page.line(byBot({ text: answer.text, isInThread: true }));
  }

  /** Resolves as soon as an answer begins to show. */
  async begin(): Promise<void> {
    await this.#tour.patience.until("the beginning of an answer", () => this.#news()[0]);
  }

  /** Sees to it that for a while the bot says nothing. @throws {TourError} when it does. */
  async none(forMs: number): Promise<void> {
    await this.#tour.patience.quiet("answer", () => this.#news()[0], forMs);
  }

  #news(): readonly ShownPost[] {
    return this.#posts().filter(({ id }) => !this.#seen.has(id));
  }
}
