import { unknownName } from "../../../domain/message.ts";
import { stripBotMentions } from "../../../domain/strip-bot-mentions.ts";
import { shownTime } from "./utc-time.ts";
import type { NameOf } from "../wire/keys.ts";

/** The name of a person whose real one is unknown. */
export const nameless = unknownName;
/** For a channel whose name Slack omits because not all readers may see it. */
const unknownChannel = "some-channel";
const maxNameChars = 80;

/**
 * Converts mrkdwn to the text that people see: entities decoded, people and channels by name, labelled links as Markdown.
 * Linear in the length of the text. https://docs.slack.dev/messaging/formatting-message-text
 */
export function toPlainText(wire: string, nameOf: NameOf): string {
  return wire.replaceAll(/<(?<inner>[^<>]*)>|&(?:amp|lt|gt);/gu, (match: string, inner: string | undefined) =>
    inner === undefined ? unescape(match) : expand(inner, nameOf),
  );
}

/** Removes mentions that call the bot, and writes its name where the text is about it. */
export function removeBotMention(wire: string, botUserId: string, name?: string): string {
  const mention = new RegExp(`<@${botUserId}(?:\\|[^<>]*)?>`, "gu");
  return stripBotMentions(wire, mention, name?.replaceAll(/[<>&]/gu, ""));
}

/** A name on one line, without invisible characters, at most 80 characters as in Slack. */
export function visibleName(name: string): string {
  return name
    .slice(0, maxNameChars * 4)
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, maxNameChars)
    .toWellFormed();
}

/** The user ids that a text mentions. */
export function mentionsIn(wire: string): readonly string[] {
  return Array.from(wire.matchAll(/<@(?<user>[A-Z0-9]+)(?:\|[^<>]*)?>/gu), (match) => match[1] ?? "");
}

/** Whether a text mentions a group: @here, @channel, @everyone or a user group. */
export function callsGroup(wire: string): boolean {
  return /<!(?:here|channel|everyone|subteam)\b/u.test(wire);
}

function expand(inner: string, nameOf: NameOf): string {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : decodeEntities(inner.slice(bar + 1));
  switch (target.slice(0, 1)) {
    case "@":
      return `@${nameOf(target.slice(1)) ?? (label === "" ? nameless : label)}`;
    case "#":
      return `#${label === "" ? unknownChannel : label}`;
    case "!":
      return expandSpecial(target.slice(1), label);
    default:
      return expandLink(decodeEntities(target), label);
  }
}

function expandSpecial(target: string, label: string): string {
  if (target.startsWith("date^")) return shownTime(target.split("^", 2)[1], label);
  if (label !== "") return label.startsWith("@") ? label : `@${label}`;
  return target.startsWith("subteam") ? "@group" : `@${target.split("^", 1)[0]}`;
}

function expandLink(url: string, label: string): string {
  if (label === "" || label === url) return url;
  // Slack made the link automatically; the person typed the label.
  if (url === `http://${label}` || url === `mailto:${label}` || url === `tel:${label}`) return label;
  return `[${label}](${url})`;
}

/** Decodes `&amp;`, `&lt;` and `&gt;`, the only entities that Slack writes. */
export function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt);/gu, unescape);
}

function unescape(entity: string): string {
  if (entity === "&lt;") return "<";
  return entity === "&gt;" ? ">" : "&";
}
