import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { SlackApi } from "./slack-api.ts";
import type { BotIdentity } from "./bot-identity.ts";

const answer = z.object({
  teams: z.array(z.object({ id: z.string() })),
  response_metadata: z.object({ next_cursor: z.string().nullish() }).nullish(),
});

/** The fields that name the workspace of an event, a button press or a slash command. */
const origin = z.object({
  team_id: z.string().nullish(),
  team: z.object({ id: z.string() }).nullish(),
  enterprise_id: z.string().nullish(),
  enterprise: z.object({ id: z.string() }).nullish(),
  is_ext_shared_channel: z.boolean().nullish(),
  authorizations: z.array(z.object({ enterprise_id: z.string().nullish() })).nullish(),
});

const maxTeams = 10_000;
const maxPages = 20;
const listTimeoutMs = 10_000;
const listIntervalMs = 60_000;

interface WorkspacePorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly self: Pick<BotIdentity, "teamId" | "isOrganisation">;
}

/**
 * The workspaces that the token is for: one, or those of an organisation that have the app. These are listed by Slack, and
 * learned from the bodies that it delivers. Nothing crosses from one workspace to another.
 * https://docs.slack.dev/enterprise/organization-ready-apps
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

  /** Like `has`, but lists the workspaces again before it says no. Never rejects. */
  async knows(team: string): Promise<boolean> {
    if (!this.#teams.has(team)) await this.list();
    return this.#teams.has(team);
  }

  /** Lists all workspaces, at most once a minute. Never rejects. */
  async list(): Promise<void> {
    const { self, clock } = this.#ports;
    if (!self.isOrganisation || clock.nowMs() - this.#listedAtMs < listIntervalMs) return;
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
      this.#listedAtMs = clock.nowMs();
    });
    await this.#listing;
  }

  /** The `team_id` argument that some methods require from an organisation's token. */
  argument(team: string): { readonly team_id?: string } {
    return this.#ports.self.isOrganisation ? { team_id: team } : {};
  }

  /** Learns the workspace of a delivered body. Shared channels are skipped: they may name another company's workspace. */
  learnFrom(body: unknown): void {
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
    if (this.#teams.size < maxTeams) this.#teams.add(team);
  }

  async #list(): Promise<void> {
    const { api, log } = this.#ports;
    const signal = AbortSignal.timeout(listTimeoutMs);
    let cursor = "";
    try {
      for (let page = 0; page < maxPages; page += 1) {
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
      log.info(
        { err: error },
        "the organisation's workspaces could not be listed; each is learned from its first event",
      );
    }
  }
}
