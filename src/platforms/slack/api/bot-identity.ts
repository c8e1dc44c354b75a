import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { SlackApi } from "./slack-api.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

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
export interface BotIdentity {
  readonly botUserId: string;
  readonly botId: string;
  /** The workspace's id, or the organisation's where the app is installed for a whole organisation. */
  readonly teamId: string;
  readonly isOrganisation: boolean;
  readonly workspaceUrl: string;
  /** The bot's display name. */
  readonly name?: string;
}

const maxTries = 4;

/**
 * Calls auth.test, up to four times while Slack can't be reached. @throws {Error} whose message names the setting to
 * check.
 */
export async function fetchBotIdentity(api: SlackApi, clock: Clock): Promise<BotIdentity> {
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
      const installedFor = isOrganisation ? (enterpriseId ?? teamId) : teamId;
      if (installedFor == null)
        throw new Error("SLACK_BOT_TOKEN: Slack does not say which workspace it is for.");
      const self = { botUserId, botId: botId ?? "", teamId: installedFor, isOrganisation, workspaceUrl: url };
      return name == null ? self : { ...self, name };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (api.refusal !== undefined) throw new Error(tokenRefused(api.refusal), { cause: error });
      if (tries === maxTries) {
        throw new Error(`SLACK_BOT_TOKEN: it can't be checked. ${error.message}.`, { cause: error });
      }
      const pace = { firstMs: 500, longestMs: 10_000, askedForMs: Math.min(10_000, error.retryAfterMs) };
      await clock.sleep(retryDelayMs(tries, pace), new AbortController().signal);
    }
  }
}

function tokenRefused(code: string): string {
  return `SLACK_BOT_TOKEN: Slack refuses it (${code}). Copy the bot token (xoxb-…) from your app's "OAuth & Permissions" page.`;
}
