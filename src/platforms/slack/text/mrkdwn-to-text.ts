import { unknownName } from "../../../domain/message.ts";
import { withoutCalls } from "../../../domain/without-calls.ts";
import { shownTime } from "./utc-time.ts";
import type { NameOf } from "../wire/keys.ts";

/** Stands for a person whose name Slack would not tell. */
export const nameless = unknownName;
/** A channel whose name Slack does not tell: readers may not see it. */
const someChannel = "some-channel";
const longestName = 80;

/**
 * Slack's wire form of a text as people see it: entities decoded, people and channels by name, links as Markdown
 * where their label says something else. One pass, linear in the length of the text.
 */
export function toPlainText(wire: string, nameOf: NameOf): string {
  return wire.replaceAll(/<(?<inner>[^<>]*)>|&(?:amp|lt|gt);/gu, (match: string, inner: string | undefined) =>
    inner === undefined ? unescape(match) : spell(inner, nameOf),
  );
}

/** Without the mentions that call the bot, and with its name where it is talked about. `name` missing: with none. */
export function withoutMention(wire: string, botUserId: string, name?: string): string {
  const mention = new RegExp(`<@${botUserId}(?:\\|[^<>]*)?>`, "gu");
  return withoutCalls(wire, mention, name?.replaceAll(/[<>&]/gu, ""));
}

/** A name in one line, without what nobody sees, and no longer than Slack lets people choose one. */
export function visibleName(name: string): string {
  return name
    .slice(0, longestName * 4)
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, longestName)
    .toWellFormed();
}

/** The ids of the people whom a text names. */
export function mentionsIn(wire: string): readonly string[] {
  return Array.from(wire.matchAll(/<@(?<user>[A-Z0-9]+)(?:\|[^<>]*)?>/gu), (match) => match[1] ?? "");
}

/** Whether a text calls a group: @here, @channel, a user group. */
export function callsGroup(wire: string): boolean {
  return /<!(?:here|channel|everyone|subteam)\b/u.test(wire);
}

function spell(inner: string, nameOf: NameOf): string {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? "" : decoded(inner.slice(bar + 1));
  switch (target.slice(0, 1)) {
    case "@":
      return `@${nameOf(target.slice(1)) ?? (label === "" ? nameless : label)}`;
    case "#":
      return `#${label === "" ? someChannel : label}`;
    case "!":
      return spellSpecial(target.slice(1), label);
    default:
      return spellLink(decoded(target), label);
  }
}

function spellSpecial(target: string, label: string): string {
  if (target.startsWith("date^")) return shownTime(target.split("^", 2)[1], label);
  if (label !== "") return label.startsWith("@") ? label : `@${label}`;
  return target.startsWith("subteam") ? "@group" : `@${target.split("^", 1)[0]}`;
}

function spellLink(url: string, label: string): string {
  if (label === "" || label === url) return url;
  // Slack made the link by itself; what the person typed is the label.
  if (url === `http://${label}` || url === `mailto:${label}` || url === `tel:${label}`) return label;
  return `[${label}](${url})`;
}

/** Slack writes `&`, `<` and `>` as entities, and nothing else. */
export function decoded(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt);/gu, unescape);
}

function unescape(entity: string): string {
  if (entity === "&lt;") return "<";
  return entity === "&gt;" ? ">" : "&";
}
