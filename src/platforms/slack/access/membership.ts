import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform.ts";
import { TtlCache } from "../api/ttl-cache.ts";
import { unlessAborted, type SlackApi } from "../api/slack-api.ts";
import type { Workspaces } from "../api/workspaces.ts";

const user = z.object({
  id: z.string(),
  team_id: z.string().nullish(),
  deleted: z.boolean().nullish(),
  is_restricted: z.boolean().nullish(),
  is_ultra_restricted: z.boolean().nullish(),
  is_stranger: z.boolean().nullish(),
  is_admin: z.boolean().nullish(),
  is_owner: z.boolean().nullish(),
  /** In an organisation: the workspaces of which somebody is a member. */
  enterprise_user: z.object({ teams: z.array(z.string()).nullish() }).nullish(),
});

const infoAnswer = z.object({ user });
const listAnswer = z.object({
  members: z.array(user),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** `guest`: sees only the channels that they were invited to. `outsider`: of another workspace, gone, or unclear. */
export type Membership = "member" | "guest" | "outsider";

interface Known {
  /** In each of `teams`; elsewhere an outsider. */
  readonly standing: Membership;
  readonly teams: readonly string[];
  /** Where this person may delete what others wrote. */
  readonly adminOf: string | undefined;
}

interface MembershipPorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly workspaces: Workspaces;
}

const keptForMs = 10 * 60_000;
const mostKept = 50_000;
const pageSize = 1_000;
/** As many as Slack answers in a minute. */
const mostPages = 20;
const listWithinMs = 60_000;
/** After a list that failed or told nothing new. */
const pauseMs = 60_000;
const mostPaused = 1_000;
const mostAlone = 10;

/**
 * Who is a full member of the workspace, kept for ten minutes. A few people are asked about one by one: that is fast
 * in any workspace. For more than that the whole list is cheaper: a call for each thousand accounts, once in ten
 * minutes for all channels, where Slack allows a hundred single questions a minute.
 */
export class Memberships {
  readonly #ports: MembershipPorts;
  readonly #known: TtlCache<Known>;
  /** Workspace → its list, while that is read. */
  readonly #listing = new Map<string, Promise<void>>();
  /** Workspaces whose list was read within the last minute. */
  readonly #listedLately: TtlCache<true>;

  constructor(ports: MembershipPorts) {
    this.#ports = ports;
    this.#known = new TtlCache({ clock: ports.clock, forMs: keptForMs, most: mostKept });
    this.#listedLately = new TtlCache({ clock: ports.clock, forMs: pauseMs, most: mostPaused });
  }

  /** In a workspace. Of whom Slack does not tell in time, nothing is said. @throws the signal's reason. */
  async of(
    team: string,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Membership>> {
    if (this.#unknown(users).length > mostAlone) await unlessAborted(this.#list(team), signal);
    const left = this.#unknown(users);
    if (left.length <= mostAlone) await Promise.all(left.map((each) => this.#ask(each, signal)));
    signal.throwIfAborted();
    return new Map(
      users.flatMap((each) => {
        const known = this.#known.get(each);
        return known === undefined ? [] : [[each, known.teams.includes(team) ? known.standing : "outsider"]];
      }),
    );
  }

  /** An admin or an owner of the workspace. False also where Slack does not tell. @throws the signal's reason. */
  async isAdmin(
    { team, user: id }: { readonly team: string; readonly user: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const standing = (await this.of(team, [id], signal)).get(id);
    return standing === "member" && this.#known.get(id)?.adminOf === team;
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
  #list(team: string): Promise<void> {
    const underWay = this.#listing.get(team);
    if (underWay !== undefined) return underWay;
    if (this.#listedLately.get(team) !== undefined) return Promise.resolve();
    const listing = this.#readList(team).finally(() => {
      this.#listing.delete(team);
      this.#listedLately.set(team, true);
    });
    this.#listing.set(team, listing);
    return listing;
  }

  async #readList(team: string): Promise<void> {
    const { api, log, workspaces } = this.#ports;
    const signal = AbortSignal.timeout(listWithinMs);
    let cursor = "";
    try {
      for (let page = 0; page < mostPages; page += 1) {
        const query = { ...workspaces.argument(team), limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
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
    const { team_id: location, enterprise_user: inOrganisation } = each;
    const teams = [location ?? "", ...(inOrganisation?.teams ?? [])];
    const isAdmin = each.is_admin === true || each.is_owner === true;
    const adminOf = isAdmin ? (location ?? undefined) : undefined;
    this.#known.set(each.id, { standing: standingOf(each), teams, adminOf });
  }
}

function standingOf({
  deleted,
  is_stranger: isStranger,
  is_restricted: isGuest,
  is_ultra_restricted: isSingleChannelGuest,
}: z.output<typeof user>): Membership {
  if (deleted === true || isStranger === true) return "outsider";
  if (isGuest === true || isSingleChannelGuest === true) return "guest";
  return isGuest === false && isSingleChannelGuest === false ? "member" : "outsider";
}
