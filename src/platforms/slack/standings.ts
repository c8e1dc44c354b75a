import { z } from "zod";

import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError } from "../../ports/platform.ts";
import { Kept } from "./kept.ts";
import { unlessAborted, type SlackApi } from "./slack-api.ts";

const user = z.object({
  id: z.string(),
  team_id: z.string().nullish(),
  deleted: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  is_admin: z.boolean().nullish(),
  is_owner: z.boolean().nullish(),
});

const infoAnswer = z.object({ user });
const listAnswer = z.object({
  members: z.array(user),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** `guest`: sees only the channels that they were invited to. `outsider`: of another workspace, gone, or unclear. */
export type Standing = "member" | "guest" | "outsider";

interface Known {
  readonly standing: Standing;
  /** May delete what others wrote. */
  readonly isAdmin: boolean;
}

interface StandingsPorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly team: string;
}

const keptForMs = 10 * 60_000;
const mostKept = 50_000;
const pageSize = 1_000;
/** As many as Slack answers in a minute. */
const mostPages = 20;
const listWithinMs = 60_000;
/** After a list that failed or told nothing new. */
const pauseMs = 60_000;
const mostAlone = 10;

/**
 * Who is a full member of the workspace, kept for ten minutes. A few people are asked about one by one: that is fast
 * in any workspace. For more than that the whole list is cheaper: a call for each thousand accounts, once in ten
 * minutes for all channels, where Slack allows a hundred single questions a minute.
 */
export class Standings {
  readonly #ports: StandingsPorts;
  readonly #known: Kept<Known>;
  #listing: Promise<void> | undefined;
  #listAgainAtMs = 0;

  constructor(ports: StandingsPorts) {
    this.#ports = ports;
    this.#known = new Kept({ clock: ports.clock, forMs: keptForMs, most: mostKept });
  }

  /** Of whom Slack does not tell in time, nothing is said. @throws the signal's reason. */
  async of(users: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Standing>> {
    if (this.#unknown(users).length > mostAlone) await unlessAborted(this.#list(), signal);
    const left = this.#unknown(users);
    if (left.length <= mostAlone) await Promise.all(left.map((each) => this.#ask(each, signal)));
    signal.throwIfAborted();
    return new Map(
      users.flatMap((each) => {
        const known = this.#known.get(each);
        return known === undefined ? [] : [[each, known.standing]];
      }),
    );
  }

  /** An admin or an owner of the workspace. False also where Slack does not tell. @throws the signal's reason. */
  async isAdmin(id: string, signal: AbortSignal): Promise<boolean> {
    const standing = (await this.of([id], signal)).get(id);
    return standing === "member" && this.#known.get(id)?.isAdmin === true;
  }

  #unknown(users: readonly string[]): readonly string[] {
    return users.filter((each) => this.#known.get(each) === undefined);
  }

  async #ask(id: string, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#ports;
    try {
      const answer = await api.call(
        async (client) => infoAnswer.parse(await client.users.info({ user: id })),
        signal,
      );
      this.#keep(answer.user);
    } catch (error) {
      signal.throwIfAborted();
      log.info(
        { kind: error instanceof PlatformError ? error.kind : "unclear" },
        "Slack does not say who is a guest",
      );
    }
  }

  /** Goes on when nobody waits for it any more: the next question finds it done. Never rejects. */
  #list(): Promise<void> {
    if (this.#listing === undefined && this.#ports.clock.nowMs() < this.#listAgainAtMs)
      return Promise.resolve();
    this.#listing ??= this.#readList().finally(() => {
      this.#listing = undefined;
      this.#listAgainAtMs = this.#ports.clock.nowMs() + pauseMs;
    });
    return this.#listing;
  }

  async #readList(): Promise<void> {
    const { api, log } = this.#ports;
    const signal = AbortSignal.timeout(listWithinMs);
    let cursor = "";
    try {
      for (let page = 0; page < mostPages; page += 1) {
        const query = { limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
        const answer = await api.call(
          async (client) => listAnswer.parse(await client.users.list(query)),
          signal,
        );
        for (const each of answer.members) this.#keep(each);
        cursor = answer.response_metadata?.next_cursor ?? "";
        if (cursor === "") return;
      }
      log.info({ pages: mostPages }, "the workspace has more people than Slack lists in a minute");
    } catch (error) {
      log.warn({ err: error }, "the people of the workspace can't be listed");
    }
  }

  #keep(each: z.output<typeof user>): void {
    const isAdmin = each.is_admin === true || each.is_owner === true;
    this.#known.set(each.id, { standing: standingOf(each, this.#ports.team), isAdmin });
  }
}

function standingOf(
  {
    team_id: team,
    deleted,
    is_stranger: isStranger,
    is_restricted: isGuest,
    is_ultra_restricted: isSingleChannelGuest,
  }: z.output<typeof user>,
  ours: string,
): Standing {
  if (team !== ours || deleted === true || isStranger === true) return "outsider";
  if (isGuest === true || isSingleChannelGuest === true) return "guest";
  return isGuest === false && isSingleChannelGuest === false ? "member" : "outsider";
}
