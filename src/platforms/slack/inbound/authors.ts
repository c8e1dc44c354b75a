import type { Author } from "../../../domain/message.ts";
import { recordOf, textIn } from "../wire/loose.ts";
import { isOwn } from "../outbound/own-posts.ts";
import { nameless, visibleName } from "../text/mrkdwn-to-text.ts";
import { authorId, type SlackFacts } from "../wire/keys.ts";
import { type Written, isApp } from "../wire/written.ts";

/** The subtypes that are somebody talking; the others are Slack's own notes (joined, renamed, pinned). */
const talking: ReadonlySet<string> = new Set([
  "file_share",
  "message_share",
  "thread_broadcast",
  "me_message",
  "bot_message",
  "slackbot_response",
]);

/** Whether somebody said it, a person or an app: our own posts we know, and what Slack notes by itself nobody said. */
export function isTalk(message: Written, facts: Pick<SlackFacts, "botUserId" | "botId">): boolean {
  const { subtype, hidden, user, bot_id: botId } = message;
  if (hidden === true || isOwn(message, facts) || (user == null && botId == null)) return false;
  return subtype == null || talking.has(subtype);
}

export function authorOf(
  message: Written,
  team: string,
  { nameOf, zoneOf }: Pick<SlackFacts, "nameOf" | "zoneOf">,
): Author {
  const { user, bot_id: botId, username, bot_profile: profile } = message;
  const id = authorId(team, user ?? botId ?? "unknown");
  if (isApp(message)) {
    const names = [username, recordOf(profile)["name"]].map((name) => visibleName(textIn(name)));
    const ownName = names.find((name) => name !== "");
    const known =
      ownName ?? [user, botId].map((each) => (each == null ? undefined : nameOf(each))).find(isName);
    return { id, name: known ?? nameless, isApp: true };
  }
  const timeZone = user == null ? undefined : zoneOf?.(user);
  const name = (user == null ? undefined : nameOf(user)) ?? nameIn(message.user_profile) ?? nameless;
  return { id, name, ...(timeZone === undefined ? {} : { timeZone }) };
}

function isName(name: string | undefined): name is string {
  return name !== undefined;
}

function nameIn(profile: unknown): string | undefined {
  const { display_name: shown, real_name: real, name } = recordOf(profile);
  return [shown, real, name].map((each) => visibleName(textIn(each))).find((each) => each !== "");
}
