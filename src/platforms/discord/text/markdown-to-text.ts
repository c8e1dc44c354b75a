import { withoutCalls } from "../../../domain/without-calls.ts";

/** Whom and what the markup of a message can name. Undefined: unknown to us. */
export interface Names {
  readonly user: (id: string) => string | undefined;
  readonly role: (id: string) => string | undefined;
  readonly channel: (id: string) => string | undefined;
  readonly isBot: (mention: Mention) => boolean;
  /** The bot's own. */
  readonly self?: string | undefined;
  /** Of a soundboard: people see its name. */
  readonly sound?: (id: string) => string | undefined;
  /** The title of the forum post that a message begins, as people see it above. */
  readonly post?: string | undefined;
}

export interface Mention {
  readonly kind: "user" | "role";
  readonly id: string;
}

const user = /<@!?(\d+)>/gu;
const role = /<@&(\d+)>/gu;

/** Whom a message names in its text. Pings that a reply makes by itself don't stand there. */
export function mentionsIn(content: string): readonly Mention[] {
  const users = [...content.matchAll(user)].map((match) => ({ kind: "user" as const, id: match[1] ?? "" }));
  const roles = [...content.matchAll(role)].map((match) => ({ kind: "role" as const, id: match[1] ?? "" }));
  return [...users, ...roles];
}

/**
 * Discord's markup as people see it, without the mentions that call the bot.
 * https://discord.com/developers/docs/reference#message-formatting
 */
export function toPlainText(content: string, names: Names): string {
  return renderMarkup(removeBotMentions(content, names), names);
}

/** The same with the mentions of the bot: for what is not said to it. */
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
      // In brackets a link shows no preview; they are not shown.
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

/** The role of everybody is called "@everyone", with the sign. */
function atRole(name = "a role"): string {
  return name.startsWith("@") ? name : `@${name}`;
}

function removeBotMentions(content: string, names: Names): string {
  const own = [...new Set(mentionsIn(content).filter(names.isBot).map(mentionPattern))];
  if (own.length === 0) return content;
  const mention = own.join("|");
  return withoutCalls(content, new RegExp(mention, "gu"), names.self?.replaceAll(/[<>]/gu, ""));
}

/** As a pattern. */
function mentionPattern({ kind, id }: Mention): string {
  return kind === "user" ? `<@!?${id}>` : `<@&${id}>`;
}

function isoTime(seconds: string): string | undefined {
  const date = new Date(Number(seconds) * 1_000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
