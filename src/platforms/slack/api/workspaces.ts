import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "./slack-api.ts";
import type { Self } from "./bot-identity.ts";

const answer = z.object({
  teams: z.array(z.object({ id: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** What says of a body in which workspace it was made: of an event, of what was pressed, and of a typed command. */
const origin = z.object({
  team_id: z.string().nullish(),
  team: z.object({ id: z.string() }).nullish(),
  enterprise_id: z.string().nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  is_ext_shared_channel: z.boolean().nullish(),
  authorizations: z.array(z.object({ enterprise_id: z.string().nullish() })).nullish(),
});

const mostTeams = 10_000;
const mostPages = 20;
const listWithinMs = 10_000;
const listAgainMs = 60_000;

interface WorkspacePorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: Pick<Self, "teamId" | "isOrganisation">;
}

/**
 * The workspaces that the token is for: one, or where the app was installed for an organisation those of it that use
 * it, as Slack lists them and as they turn up in what it delivers. Each keeps to itself all the same.
 */
export class Workspaces {
  readonly #ports: WorkspacePorts;
  readonly #teams = new Set<string>();
  #listing: Promise<void> | undefined;
  #listedAtMs = -Infinity;

  constructor(ports: WorkspacePorts) {
    this.#ports = ports;
    this.#teams.add(ports.self.teamId);
  }

  readonly has = (team: string): boolean => this.#teams.has(team);

  /** Asks Slack where the workspace is not known. Never rejects. */
  async knows(team: string): Promise<boolean> {
    if (!this.#teams.has(team)) await this.list();
    return this.#teams.has(team);
  }

  /** Learns of all, at most once a minute. Never rejects. */
  async list(): Promise<void> {
    const { self, clock } = this.#ports;
    if (!self.isOrganisation || clock.nowMs() - this.#listedAtMs < listAgainMs) return;
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      this.#listedAtMs = clock.nowMs();
    });
    await this.#listing;
  }

  /** What an organisation's token needs in some calls to say which workspace they are about. */
  argument(team: string): { readonly team_id?: string } {
    return this.#ports.self.isOrganisation ? { team_id: team } : {};
  }

  /** A channel that is shared with others may name their workspace. */
  hear(body: unknown): void {
    const { self } = this.#ports;
    if (!self.isOrganisation) return;
    const parsed = origin.safeParse(body);
    if (!parsed.success || parsed.data.is_ext_shared_channel === true) return;
    const { team, team_id: teamId, enterprise, enterprise_id: enterpriseId, authorizations } = parsed.data;
    const organisation = authorizations?.[0]?.enterprise_id ?? enterprise?.id ?? enterpriseId;
    const id = teamId ?? team?.id;
    if (organisation === self.teamId && id != null) this.#add(id);
  }

  #add(team: string): void {
    if (this.#teams.size < mostTeams) this.#teams.add(team);
  }

  async #list(): Promise<void> {
    const { api, log } = this.#ports;
    const signal = AbortSignal.timeout(listWithinMs);
    let cursor = "";
    try {
      for (let page = 0; page < mostPages; page += 1) {
        const query = { limit: 200, ...(cursor === "" ? {} : { cursor }) };
        const { teams, response_metadata: next } = await api.call(
          async (client) => answer.parse(await client.auth.teams.list(query)),
          signal,
        );
        for (const { id } of teams) this.#add(id);
        cursor = next?.next_cursor ?? "";
        if (cursor === "") return;
      }
    } catch (error) {
      log.info({ err: error }, "Slack does not list the workspaces of the organisation");
    }
  }
}
