import { z } from "zod";

import type { Installation } from "../../../domain/installation.ts";
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

/** The account as an installation stores it. */
export function accountFrom({ botUserId, botId, isOrganisation, workspaceUrl, name }: BotIdentity) {
  const account = { botUserId, botId, workspaceUrl, ...(isOrganisation ? { isOrganisation: "yes" } : {}) };
  return name === undefined ? account : { ...account, name };
}

/** The account of a stored installation. */
export function identityOf(id: string, account: Installation["account"]): BotIdentity {
  const { botUserId = "", botId = "", workspaceUrl = "", name, isOrganisation } = account;
  const self = { botUserId, botId, teamId: id, isOrganisation: isOrganisation === "yes", workspaceUrl };
  return name === undefined ? self : { ...self, name };
}

const maxTries = 4;

/**
 * Calls auth.test, up to four times while Slack can't be reached. @throws {Error} whose message names the setting to
 * check.
 */
export async function fetchBotIdentity(api: SlackApi, clock: Clock, setting: string): Promise<BotIdentity> {
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
      if (installedFor == null) throw new Error(`${setting}: Slack does not say which workspace it is for.`);
      const self = { botUserId, botId: botId ?? "", teamId: installedFor, isOrganisation, workspaceUrl: url };
      return name == null ? self : { ...self, name };
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (api.refusal !== undefined) throw new Error(tokenRefused(setting, api.refusal), { cause: error });
      if (tries === maxTries) {
        throw new Error(`${setting}: it can't be checked. ${error.message}.`, { cause: error });
      }
      const pace = { firstMs: 500, longestMs: 10_000, askedForMs: Math.min(10_000, error.retryAfterMs) };
      await clock.sleep(retryDelayMs(tries, pace), new AbortController().signal);
    }
  }
}

function tokenRefused(setting: string, code: string): string {
  return `${setting}: Slack refuses it (${code}). Copy the bot token (xoxb-…) from your app's "OAuth & Permissions" page.`;
}
