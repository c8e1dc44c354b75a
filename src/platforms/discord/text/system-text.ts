import { MessageType } from "discord.js";
import { renderMarkup, type Names } from "./markdown-to-text.ts";
import type { MessageContent } from "./message-content.ts";

const maxChars = 2_000;
const actions = new Map<MessageType, (content: string) => string>([
  [MessageType.UserJoin, () => "joined the server"],
  [MessageType.GuildBoost, () => "boosted the server"],
  [MessageType.GuildBoostTier1, () => "boosted the server"],
  [MessageType.GuildBoostTier2, () => "boosted the server"],
  [MessageType.GuildBoostTier3, () => "boosted the server"],
  [MessageType.ChannelPinnedMessage, () => "pinned a message"],
  [MessageType.ChannelFollowAdd, (content) => `follows ${content} here`],
  [MessageType.ThreadCreated, (content) => `opened the thread ${content}`],
]);

/** The text of Discord's own announcement, without the person's name before it. Undefined for other messages. */
export function systemText(message: MessageContent, names: Names): string | undefined {
  const { type = MessageType.Default, content } = message;
  if (type === MessageType.AutoModerationAction) return autoModText(message, names);
  const action = actions.get(type);
  return action === undefined ? undefined : `[${action(content)}]`;
}

function autoModText({ embeds: [alert] = [] }: MessageContent, names: Names): string {
  const { description = "", fields = [] } = alert ?? {};
  const rule = fields.find(({ name }) => name === "rule_name")?.value ?? "";
  const heading = `[AutoMod stopped a message${rule === "" ? "" : ` by the rule ${rule}`}]`;
  return `${heading}\n${renderMarkup(description, names).slice(0, maxChars).toWellFormed()}`.trim();
}
