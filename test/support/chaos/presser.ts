import { setTimeout } from "node:timers/promises";

import type { Random } from "./random.ts";
import type { Corner, ShownButton } from "./town.ts";

/** One press of a button, and what came of it. */
export interface Press {
  readonly action: string;
  /** The turn that the button named. */
  readonly on: string;
  /** As the bot names the person. */
  readonly by: string;
  /** The person asked the question. Others may not have it answered again. */
  readonly isAsker: boolean;
  readonly atMs: number;
  /** The platform was told that it counts. If not, it may count. */
  readonly isTaken: boolean;
}

/** How long people wait between two looks at the buttons. */
const thoughtMs = { least: 1_000, most: 9_000 } as const;
const againAfterMs = 1_000;
/** A person who is told that a press failed presses again this often. */
const patience = 40;
/** Two clicks, or two people, at the same time. */
const together = ["once", "once", "twice", "by two", "delivered twice"] as const;

const pressable: ReadonlySet<string> = new Set(["regenerate", "continue", "thumbs-up", "thumbs-down"]);

/** Presses buttons under answers of any age, and notes what was pressed. */
export class Presser {
  readonly presses: Press[] = [];
  readonly #corner: Corner;
  readonly #people: readonly [asker: string, other: string];
  readonly #luck: Random;

  constructor(corner: Corner, people: readonly [asker: string, other: string], luck: Random) {
    this.#corner = corner;
    this.#people = people;
    this.#luck = luck;
  }

  /** Until the signal. */
  async pressOn(signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = this.#luck.between(thoughtMs.least, thoughtMs.most);
      await setTimeout(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#pressSomething();
    }
  }

  async #pressSomething(): Promise<void> {
    const shown = this.#corner.seen().flatMap(({ id, buttons }) => {
      const known = buttons.filter(({ action }) => pressable.has(action));
      return known.length === 0 ? [] : [{ id, buttons: known }];
    });
    if (shown.length === 0) return;
    const { id: post, buttons } = this.#luck.pick(shown);
    const button = this.#luck.pick(buttons);
    const [asker, other] = this.#people;
    const how = this.#luck.pick(together);
    const isOnce = how !== "twice" && how !== "by two";
    // Only the asker may have an answer given again; everyone may judge it.
    const by = isVerdict(button) && this.#luck.chance(0.5) ? other : asker;
    const times = how === "delivered twice" ? 2 : 1;
    const press = (who: string) => this.#pressUntilTaken(post, button, who, times);
    await Promise.all(isOnce ? [press(by)] : [press(by), press(how === "twice" ? by : other)]);
  }

  /** As long as the button is there. */
  async #pressUntilTaken(post: string, button: ShownButton, by: string, times: number): Promise<void> {
    for (let attempt = 0; attempt < patience; attempt += 1) {
      const atMs = Date.now();
      const isTaken = await this.#corner.press({ post, button, by, times });
      this.presses.push({
        action: button.action,
        on: button.on,
        by: this.#corner.authorOf(by),
        isAsker: by === this.#people[0],
        atMs,
        isTaken,
      });
      if (isTaken) return;
      await setTimeout(againAfterMs);
      const shown = this.#corner.seen().find(({ id }) => id === post);
      if (shown?.buttons.some(({ on, action }) => on === button.on && action === button.action) !== true)
        return;
    }
  }
}

function isVerdict({ action }: ShownButton): boolean {
  return action.startsWith("thumbs");
}
