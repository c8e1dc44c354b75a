import { isDeepStrictEqual } from "node:util";

import type { WebClient } from "@slack/web-api";
import type { LRUCache } from "lru-cache";
import { z } from "zod";

import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { userObject, type UserObject } from "../wire/user-object.ts";
import { FreshReads } from "../api/fresh-reads.ts";
import type { SlackApi } from "../api/slack-api.ts";
import type { Workspaces } from "../api/workspaces.ts";

const infoAnswer = z.object({ user: userObject });
const listAnswer = z.object({
  members: z.array(userObject),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** `guest`: sees only channels they were invited to. `outsider`: of another workspace, deactivated, or unclear. */
export type Membership = "member" | "guest" | "outsider";

interface KnownPerson {
  /** In each of `teams`; elsewhere the person is an outsider. */
  readonly membership: Membership;
  readonly teams: readonly string[];
  /** The workspace in which this person is an admin or owner. */
  readonly adminOf: string | undefined;
}

interface MembershipPorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly workspaces: Workspaces;
}

const ttlMs = 10 * 60_000;
const maxCached = 50_000;
const pageSize = 1_000;
/** Slack allows 20 pages of users.list a minute. */
const maxPages = 20;
const listTimeoutMs = 60_000;
/** Before the same list is read again. */
const listIntervalMs = 60_000;
const maxListedTeams = 1_000;
const maxSingleLookups = 10;

/**
 * Who is a full member of the workspace, cached for ten minutes or until it changes. Up to ten unknown people are looked up one by one. For
 * more of them the whole list is read: one call per thousand accounts serves all channels, while Slack allows only a
 * hundred single look-ups a minute.
 */
export class Memberships {
  readonly #ports: MembershipPorts;
  readonly #known: LRUCache<string, KnownPerson>;
  /** Workspace → its list, while that is read. */
  readonly #listing = new Map<string, Promise<void>>();
  /** Workspaces whose list was read within the last minute. */
  readonly #listedRecently: LRUCache<string, true>;
  readonly #reads = new FreshReads();
  /** People who changed while a list was read. */
  readonly #overtaken = new Set<string>();

  constructor(ports: MembershipPorts) {
    this.#ports = ports;
    this.#known = expiringCache({ clock: ports.clock, ttlMs, max: maxCached });
    this.#listedRecently = expiringCache({
      clock: ports.clock,
      ttlMs: listIntervalMs,
      max: maxListedTeams,
    });
  }

  /** The membership of people in a workspace. People without an answer in time are absent. @throws the signal's reason. */
  async of(
    team: string,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Membership>> {
    if (this.#unknown(users).length > maxSingleLookups) await raceAbort(this.#list(team), signal);
    const left = this.#unknown(users);
    if (left.length <= maxSingleLookups) await Promise.all(left.map((each) => this.#lookUp(each, signal)));
    signal.throwIfAborted();
    return new Map(
      users.flatMap((each) => {
        const known = this.#known.get(each);
        return known === undefined
          ? []
          : [[each, known.teams.includes(team) ? known.membership : "outsider"]];
      }),
    );
  }

  /** Whether the person is an admin or owner of the workspace. False without an answer. @throws the signal's reason. */
  async isAdmin(
    { team, user: id }: { readonly team: string; readonly user: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const membership = (await this.of(team, [id], signal)).get(id);
    return membership === "member" && this.#known.get(id)?.adminOf === team;
  }

  /** The person may be a member of another kind. False: that is not so, or nothing was known of the person. */
  follow(person: UserObject): boolean {
    this.#reads.overtake(person.id);
    if (this.#listing.size > 0) this.#overtaken.add(person.id);
    const known = this.#known.peek(person.id);
    // Most changes are of something else, such as a status.
    return known !== undefined && !isDeepStrictEqual(known, factsOf(person)) && this.#known.delete(person.id);
  }

  #unknown(users: readonly string[]): readonly string[] {
    return users.filter((each) => this.#known.get(each) === undefined);
  }

  async #lookUp(id: string, signal: AbortSignal): Promise<void> {
    const { api, log } = this.#ports;
    try {
      const read = async (client: WebClient) => infoAnswer.parse(await client.users.info({ user: id }));
      await this.#reads.read(
        id,
        () => api.call(read, signal),
        ({ user }) => this.#cache(user),
      );
    } catch (error) {
      signal.throwIfAborted();
      log.info(
        { kind: error instanceof PlatformError ? error.kind : "unclear" },
        "a person could not be looked up; recall treats them as an outsider",
      );
    }
  }

  /** Goes on when the caller stops waiting: the next caller finds the result. Never rejects. */
  #list(team: string): Promise<void> {
    const pending = this.#listing.get(team);
    if (pending !== undefined) return pending;
    if (this.#listedRecently.get(team) !== undefined) return Promise.resolve();
    const listing = this.#readList(team).finally(() => {
      this.#listing.delete(team);
      if (this.#listing.size === 0) this.#overtaken.clear();
      this.#listedRecently.set(team, true);
    });
    this.#listing.set(team, listing);
    return listing;
  }

  async #readList(team: string): Promise<void> {
    const { api, log, workspaces } = this.#ports;
    const signal = AbortSignal.timeout(listTimeoutMs);
    let cursor = "";
    try {
      for (let page = 0; page < maxPages; page += 1) {
        const query = { ...workspaces.argument(team), limit: pageSize, ...(cursor === "" ? {} : { cursor }) };
        const answer = await api.call(
          async (client) => listAnswer.parse(await client.users.list(query)),
          signal,
        );
        for (const each of answer.members) if (!this.#overtaken.has(each.id)) this.#cache(each);
        cursor = answer.response_metadata?.next_cursor ?? "";
        if (cursor === "") return;
      }
      log.info(
        { pages: maxPages },
        "the workspace has more people than Slack lists in a minute; the others are looked up one by one",
      );
    } catch (error) {
      log.warn(
        { err: error },
        "the people of the workspace could not be listed; recall from other channels may find nothing",
      );
    }
  }

  #cache(person: UserObject): void {
    this.#known.set(person.id, factsOf(person));
  }
}

function factsOf(person: UserObject): KnownPerson {
  const { team_id: ownTeam, enterprise_user: inOrganisation } = person;
  const teams = [ownTeam ?? "", ...(inOrganisation?.teams ?? [])];
  const isAdmin = person.is_admin === true || person.is_owner === true;
  const adminOf = isAdmin ? (ownTeam ?? undefined) : undefined;
  return { membership: membershipOf(person), teams, adminOf };
}

function membershipOf({
  deleted,
  is_stranger: isStranger,
  is_restricted: isGuest,
  is_ultra_restricted: isSingleChannelGuest,
}: UserObject): Membership {
  if (deleted === true || isStranger === true) return "outsider";
  if (isGuest === true || isSingleChannelGuest === true) return "guest";
  return isGuest === false && isSingleChannelGuest === false ? "member" : "outsider";
}
