import { asObject } from "../wire/json-object.ts";

/**
 * Whether Slack says that the app was removed from a workspace, or that its bot's token ended. Slack may say it late, when
 * the app is installed again: only the token itself tells whether it is still true.
 * https://docs.slack.dev/reference/events/app_uninstalled, https://docs.slack.dev/reference/events/tokens_revoked
 */
export function saysInstallationEnded(body: unknown): boolean {
  const { type, tokens } = asObject(asObject(body)["event"]);
  if (type === "app_uninstalled") return true;
  if (type !== "tokens_revoked") return false;
  // The bot has no tokens of people.
  const { bot } = asObject(tokens);
  return Array.isArray(bot) && bot.length > 0;
}
