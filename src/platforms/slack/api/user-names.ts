import { z } from "zod";

import { isTimeZone, type TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import { visibleName } from "../text/mrkdwn-to-text.ts";
import { userObject, type UserObject } from "../wire/user-object.ts";
import { FreshReads } from "./fresh-reads.ts";
import type { SlackApi } from "./slack-api.ts";

const nameTtlMs = 60 * 60_000;
const failureTtlMs = 60_000;
const maxEntries = 10_000;
const lookUpTimeoutMs = 5_000;

const answer = z.object({ user: userObject });

const botAnswer = z.object({ bot: z.object({ name: z.string().nullish() }) });

interface Entry {
  /** Missing: Slack gave none. */
  readonly name?: string;
  /** Missing: Slack gave none, or this machine does not know it. */
  readonly timeZone?: TimeZone;
  readonly untilMs: number;
}

type Found = Omit<Entry, "untilMs">;

/** Names and time zones of people and apps, cached for an hour or until they change. A failed look-up is not an error: the name is missing. */
export class UserNames {
  readonly #api: SlackApi;
  readonly #clock: Clock;
  readonly #entries = growingCache<Entry>(maxEntries);
  readonly #pending = new Map<string, Promise<void>>();
  readonly #reads = new FreshReads();

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  readonly of = (userId: string): string | undefined => this.#entries.get(userId)?.name;

  readonly zoneOf = (userId: string): TimeZone | undefined => this.#entries.get(userId)?.timeZone;

  /** Whether the name is not cached or has expired. */
  readonly isStale = (userId: string): boolean => {
    const entry = this.#entries.get(userId);
    return entry === undefined || entry.untilMs <= this.#clock.nowMs();
  };

  /** Looks names up for at most `waitMs`, or until the signal; later answers still reach the cache. Never rejects. */
  async load(userIds: Iterable<string>, waitMs: number, signal?: AbortSignal): Promise<void> {
    const lookUps = Array.from(userIds, (id) => this.#lookUp(id));
    const done = new AbortController();
    const ending = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
    const timeout = this.#clock.sleep(waitMs, ending).catch(() => undefined);
    await Promise.race([Promise.all(lookUps), timeout]);
    done.abort();
  }

  /** The person may have another name or time zone: it is looked up before the next message with it is read. */
  follow(person: UserObject): void {
    this.#reads.overtake(person.id);
    const entry = this.#entries.peek(person.id);
    if (entry === undefined) return;
    const { name, timeZone } = factsOf(person);
    // Most changes are of something else, such as a status.
    if (name !== entry.name || timeZone !== entry.timeZone)
      this.#entries.set(person.id, { ...entry, untilMs: -Infinity });
  }

  #lookUp(userId: string): Promise<void> {
    const running = this.#pending.get(userId);
    if (running !== undefined) return running;
    const lookUp = this.#fetch(userId).finally(() => this.#pending.delete(userId));
    this.#pending.set(userId, lookUp);
    return lookUp;
  }

  async #fetch(userId: string): Promise<void> {
    const nowMs = this.#clock.nowMs();
    try {
      await this.#reads.read(
        userId,
        () => (userId.startsWith("B") ? this.#fetchBot(userId) : this.#fetchPerson(userId)),
        (found) => this.#entries.set(userId, { ...found, untilMs: nowMs + nameTtlMs }),
      );
    } catch {
      // An old name is better than none.
      this.#entries.set(userId, { ...this.#entries.get(userId), untilMs: nowMs + failureTtlMs });
    }
  }

  async #fetchPerson(user: string): Promise<Found> {
    const reply = await this.#api.call(
      (client) => client.users.info({ user }),
      AbortSignal.timeout(lookUpTimeoutMs),
    );
    return factsOf(answer.parse(reply).user);
  }

  /** An app that posts through a webhook has no user account, and its messages often carry no name. */
  async #fetchBot(bot: string): Promise<Found> {
    const reply = await this.#api.call(
      (client) => client.bots.info({ bot }),
      AbortSignal.timeout(lookUpTimeoutMs),
    );
    return firstName([botAnswer.parse(reply).bot.name]);
  }
}

function factsOf({ profile, real_name: realName, name: handle, tz }: UserObject): Found {
  const timeZone = tz != null && isTimeZone(tz) ? { timeZone: tz } : {};
  return { ...firstName([profile?.display_name, profile?.real_name, realName, handle]), ...timeZone };
}

function firstName(names: readonly (string | null | undefined)[]): Pick<Entry, "name"> {
  const name = names.map((each) => visibleName(each ?? "")).find((each) => each !== "");
  return name === undefined ? {} : { name };
}
