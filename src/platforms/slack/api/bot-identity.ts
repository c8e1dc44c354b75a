import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform.ts";
import type { SlackApi } from "./slack-api.ts";

const answer = z.object({
  url: z.string(),
  team_id: z.string().nullish(),
  user_id: z.string(),
  bot_id: z.string().nullish(),
  user: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().nullish(),
});

/** The account behind the bot token. */
export interface Self {
  readonly botUserId: string;
  readonly botId: string;
  /** The workspace's, or where the app was installed for an organisation that one's. */
  readonly teamId: string;
  readonly isOrganisation: boolean;
  readonly workspaceUrl: string;
  /** The bot's own. */
  readonly name?: string;
}

const mostTries = 4;

/** Asks Slack, a few times while it can't be reached. @throws {Error} whose message names the setting to look at. */
export async function whoWeAre(api: SlackApi, clock: Clock): Promise<Self> {
  for (let tries = 1; ; tries += 1) {
    try {
      const {
        url,
        team_id: teamId,
        user_id: botUserId,
        bot_id: botId,
        user: name,
        enterprise_id: enterpriseId,
        is_enterprise_install: isEnterprise,
      } = await api.call(
        async (client) => answer.parse(await client.auth.test()),
        new AbortController().signal,
      );
      const isOrganisation = isEnterprise === true;
      const ours = isOrganisation ? (enterpriseId ?? teamId) : teamId;
      if (ours == null) throw new Error("SLACK_BOT_TOKEN: Slack does not say which workspace it is for.");
      const self = { botUserId, botId: botId ?? "", teamId: ours, isOrganisation, workspaceUrl: url };
      return name == null ? self : { ...self, name };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (api.refusal !== undefined) throw new Error(tokenRefused(api.refusal), { cause: error });
      if (tries === mostTries) {
        throw new Error(`SLACK_BOT_TOKEN: it can't be checked. ${error.message}.`, { cause: error });
      }
      const growingMs = 250 * 2 ** tries;
      await clock.sleep(
        Math.min(10_000, Math.max(growingMs, error.retryAfterMs)),
        new AbortController().signal,
      );
    }
  }
}

function tokenRefused(code: string): string {
  return `SLACK_BOT_TOKEN: Slack refuses it (${code}). Copy the bot token (xoxb-…) from your app's "OAuth & Permissions" page.`;
}
