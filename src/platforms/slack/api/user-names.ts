import { z } from "zod";

import { isTimeZone, type TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import { visibleName } from "../text/mrkdwn-to-text.ts";
import type { SlackApi } from "./slack-api.ts";

const knownForMs = 60 * 60_000;
const unknownForMs = 60_000;
const mostPeople = 10_000;
const lookUpMs = 5_000;

const answer = z.object({
  user: z.object({
    name: z.string().nullish(),
    tz: z.string().nullish(),
    real_name: z.string().nullish(),
    profile: z.object({ display_name: z.string().nullish(), real_name: z.string().nullish() }).nullish(),
  }),
});

const botAnswer = z.object({ bot: z.object({ name: z.string().nullish() }) });

interface Entry {
  /** Missing: Slack would not tell. */
  readonly name?: string;
  /** Missing: Slack would not tell, or this machine does not know it. */
  readonly timeZone?: TimeZone;
  readonly untilMs: number;
}

/** The names of people and apps, remembered for an hour. Looking them up is a courtesy: it fails in silence. */
export class Names {
  readonly #api: SlackApi;
  readonly #clock: Clock;
  readonly #known = new Map<string, Entry>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  readonly of = (userId: string): string | undefined => this.#known.get(userId)?.name;

  readonly zoneOf = (userId: string): TimeZone | undefined => this.#known.get(userId)?.timeZone;

  /** Whether asking Slack could tell more than `of` does. */
  readonly isWorthAsking = (userId: string): boolean => {
    const entry = this.#known.get(userId);
    return entry === undefined || entry.untilMs <= this.#clock.nowMs();
  };

  /** Resolves when the names are known, or when waiting for them is no longer worth it. Never rejects. */
  async learn(userIds: Iterable<string>, waitMs: number): Promise<void> {
    const lookUps = Array.from(userIds, (id) => this.#lookUp(id));
    const patience = new AbortController();
    const waited = this.#clock.sleep(waitMs, patience.signal).catch(() => undefined);
    await Promise.race([Promise.all(lookUps), waited]);
    patience.abort();
  }

  #lookUp(userId: string): Promise<void> {
    const running = this.#underWay.get(userId);
    if (running !== undefined) return running;
    const lookUp = this.#ask(userId).finally(() => this.#underWay.delete(userId));
    this.#underWay.set(userId, lookUp);
    return lookUp;
  }

  async #ask(userId: string): Promise<void> {
    const nowMs = this.#clock.nowMs();
    try {
      const told = await (userId.startsWith("B") ? this.#askAboutBot(userId) : this.#askAboutPerson(userId));
      this.#remember(userId, { ...told, untilMs: nowMs + knownForMs });
    } catch {
      // An old name is better than none.
      this.#remember(userId, { ...this.#known.get(userId), untilMs: nowMs + unknownForMs });
    }
  }

  async #askAboutPerson(user: string): Promise<Omit<Entry, "untilMs">> {
    const reply = await this.#api.call(
      (client) => client.users.info({ user }),
      AbortSignal.timeout(lookUpMs),
    );
    const { profile, real_name: realName, name: handle, tz } = answer.parse(reply).user;
    const timeZone = tz != null && isTimeZone(tz) ? { timeZone: tz } : {};
    return { ...nameAmong([profile?.display_name, profile?.real_name, realName, handle]), ...timeZone };
  }

  /** An app that posts through an address has no account, and often says no name. */
  async #askAboutBot(bot: string): Promise<Omit<Entry, "untilMs">> {
    const reply = await this.#api.call((client) => client.bots.info({ bot }), AbortSignal.timeout(lookUpMs));
    return nameAmong([botAnswer.parse(reply).bot.name]);
  }

  #remember(userId: string, entry: Entry): void {
    this.#known.delete(userId);
    this.#known.set(userId, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostPeople && oldest !== undefined) this.#known.delete(oldest);
  }
}

function nameAmong(names: readonly (string | null | undefined)[]): Pick<Entry, "name"> {
  const name = names.map((each) => visibleName(each ?? "")).find((each) => each !== "");
  return name === undefined ? {} : { name };
}
