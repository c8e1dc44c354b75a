import type { Author } from "../../../domain/message.ts";
import { asObject, asText } from "../wire/json-object.ts";
import { isOwn } from "../outbound/own-posts.ts";
import { nameless, visibleName } from "../text/mrkdwn-to-text.ts";
import { authorId, type SlackFacts } from "../wire/keys.ts";
import { type Authorship, isApp } from "../wire/authorship.ts";

/** Subtypes of real messages; the others are Slack's own notices (joined, renamed, pinned). */
const spokenSubtypes: ReadonlySet<string> = new Set([
  "file_share",
  "message_share",
  "thread_broadcast",
  "me_message",
  "bot_message",
  "slackbot_response",
]);

/** Whether a person or another app wrote it. False for our own posts and for Slack's own notices. */
export function isSpoken(message: Authorship, facts: Pick<SlackFacts, "botUserId" | "botId">): boolean {
  const { subtype, hidden, user, bot_id: botId } = message;
  if (hidden === true || isOwn(message, facts) || (user == null && botId == null)) return false;
  return subtype == null || spokenSubtypes.has(subtype);
}

/** The author of a message; apps may use another name in each message. */
export function authorOf(
  message: Authorship,
  team: string,
  { nameOf, zoneOf }: Pick<SlackFacts, "nameOf" | "zoneOf">,
): Author {
  const { user, bot_id: botId, username, bot_profile: profile } = message;
  const id = authorId(team, user ?? botId ?? "unknown");
  if (isApp(message)) {
    const names = [username, asObject(profile)["name"]].map((name) => visibleName(asText(name)));
    const ownName = names.find((name) => name !== "");
    const known =
      ownName ?? [user, botId].map((each) => (each == null ? undefined : nameOf(each))).find(isName);
    return { id, name: known ?? nameless, isApp: true };
  }
  const timeZone = user == null ? undefined : zoneOf?.(user);
  const name = (user == null ? undefined : nameOf(user)) ?? nameIn(message.user_profile) ?? nameless;
  return { id, name, ...(timeZone === undefined ? {} : { timeZone }) };
}

/** A person who acted without a message. `given`: the names that the action itself states, the best one first. */
export function personOf(
  { team, user, given }: PersonInAction,
  { nameOf, zoneOf }: Pick<SlackFacts, "nameOf" | "zoneOf">,
): Author {
  const timeZone = zoneOf?.(user);
  const name = nameOf(user) ?? given.find((each) => each != null) ?? nameless;
  return { id: authorId(team, user), name, ...(timeZone === undefined ? {} : { timeZone }) };
}

interface PersonInAction {
  readonly team: string;
  readonly user: string;
  readonly given: readonly (string | null | undefined)[];
}

function isName(name: string | undefined): name is string {
  return name !== undefined;
}

function nameIn(profile: unknown): string | undefined {
  const { display_name: shown, real_name: real, name } = asObject(profile);
  return [shown, real, name].map((each) => visibleName(asText(each))).find((each) => each !== "");
}
