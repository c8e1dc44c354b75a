import { stripBotMentions } from "../../../domain/strip-bot-mentions.ts";

/** Resolves the ids in a message's markup to names. Undefined: unknown. */
export interface Names {
  readonly user: (id: string) => string | undefined;
  readonly role: (id: string) => string | undefined;
  readonly channel: (id: string) => string | undefined;
  readonly isBot: (mention: Mention) => boolean;
  /** The bot's own name. */
  readonly self?: string | undefined;
  /** The name of a soundboard's sound. */
  readonly sound?: (id: string) => string | undefined;
  /** The title of the forum post that the message starts. */
  readonly post?: string | undefined;
}

export interface Mention {
  readonly kind: "user" | "role";
  readonly id: string;
}

const user = /<@!?(\d+)>/gu;
const role = /<@&(\d+)>/gu;

/** The mentions in a message's text, without the ping that a reply adds. */
export function mentionsIn(content: string): readonly Mention[] {
  const users = [...content.matchAll(user)].map((match) => ({ kind: "user" as const, id: match[1] ?? "" }));
  const roles = [...content.matchAll(role)].map((match) => ({ kind: "role" as const, id: match[1] ?? "" }));
  return [...users, ...roles];
}

/**
 * Discord's markup as people see it, without mentions of the bot.
 * https://discord.com/developers/docs/reference#message-formatting
 */
export function toPlainText(content: string, names: Names): string {
  return renderMarkup(removeBotMentions(content, names), names);
}

/** Discord's markup as people see it, mentions of the bot included. */
export function renderMarkup(content: string, names: Names): string {
  return (
    content
      .replaceAll(user, (_, id: string) => `@${names.user(id) ?? "someone"}`)
      .replaceAll(role, (_, id: string) => atRole(names.role(id)))
      .replaceAll(/<#(\d+)>/gu, (_, id: string) => `#${names.channel(id) ?? "a channel"}`)
      .replaceAll(/<a?(:\w+:)\d+>/gu, "$1")
      .replaceAll(/<t:(-?\d{1,12})(?::[a-zA-Z])?>/gu, (whole, seconds: string) => isoTime(seconds) ?? whole)
      .replaceAll(/<(\/[^:<>]+):\d+>/gu, "$1")
      .replaceAll(
        /<sound:\d+:(\d+)>/gu,
        (_, id: string) => `[sound: ${names.sound?.(id) ?? "without a name"}]`,
      )
      // Angle brackets hide a link's preview and are not shown.
      .replaceAll(/<((?:https?|discord|mailto|tel|sms):[^\s<>]+)>/gu, "$1")
      .replaceAll(/<(\+\d[\d ()-]{2,20}|[^\s<>@:/]{1,64}@[^\s<>@:/]{1,200})>/gu, "$1")
      .replaceAll(/<id:([a-z-]{1,20})(?::\d+)?>/gu, (whole, page: string) => guildPages.get(page) ?? whole)
      .trim()
  );
}

/** https://discord.com/developers/docs/reference#message-formatting-guild-navigation-types */
const guildPages: ReadonlyMap<string, string> = new Map([
  ["customize", "Channels & Roles"],
  ["browse", "Browse Channels"],
  ["guide", "Server Guide"],
  ["linked-roles", "Linked Roles"],
]);

/** The name of the "@everyone" role includes the sign. */
function atRole(name = "a role"): string {
  return name.startsWith("@") ? name : `@${name}`;
}

function removeBotMentions(content: string, names: Names): string {
  const own = [...new Set(mentionsIn(content).filter(names.isBot).map(mentionPattern))];
  if (own.length === 0) return content;
  const mention = own.join("|");
  return stripBotMentions(content, new RegExp(mention, "gu"), names.self?.replaceAll(/[<>]/gu, ""));
}

/** A regular expression's source. */
function mentionPattern({ kind, id }: Mention): string {
  return kind === "user" ? `<@!?${id}>` : `<@&${id}>`;
}

function isoTime(seconds: string): string | undefined {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
