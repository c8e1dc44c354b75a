import { MessageFlags, MessageType, type APIAttachment, type APIEmbed, type APIMessage } from "discord.js";

import { componentsText } from "./component-text.ts";
import { embedsText, isPreview } from "./embed-text.ts";
import { systemText } from "./system-text.ts";
import { renderMarkup, toPlainText, type Names } from "./markdown-to-text.ts";
import { fileName } from "./file-name.ts";
import { pollResultText, pollText } from "./poll-text.ts";
import type { MessageContent } from "./message-content.ts";

/** Discord's types lack the poll. */
type Forwarded = NonNullable<APIMessage["message_snapshots"]>[number]["message"] & Pick<APIMessage, "poll">;

/** For everything beside the text; more than Discord allows in one message. */
const maxChars = 12_000;

/**
 * All visible text of a message, in the order in which people see it. Previews of a person's links are left out: the
 * linked page wrote them. docs/discord.md has the table.
 */
export function textOf(message: MessageContent, names: Names): string {
  const announced = systemText(message, names);
  if (announced !== undefined) return announced;
  const { content, embeds, components, poll, sticker_items: stickers, message_snapshots: forwards } = message;
  const parts = [
    ...(forwards ?? []).map((forward) => forwardText(forward.message, names)),
    ...(isByApp(message) ? embedsText(embeds ?? [], names) : []),
    ...componentsText(components ?? [], names),
    ...(poll === undefined ? [] : [pollText(poll)]),
    pollResultText(message.type, embeds ?? []),
    ...(stickers ?? []).map(({ name }) => `[sticker: ${name}]`),
    ...attachmentText(message.flags, message.attachments),
  ];
  const beside = joined(parts);
  const bounded = beside.length <= maxChars ? beside : `${beside.slice(0, maxChars).toWellFormed()} […]`;
  return joined([names.post ?? "", commandLine(message), toPlainText(content, names), bounded]);
}

export function isByApp({
  author,
  webhook_id: webhook,
}: Pick<MessageContent, "author" | "webhook_id">): boolean {
  return author.bot === true || webhook !== undefined;
}

/** Whether a message may have got text from Discord after it was written: an app's cards, or the votes of a closed poll. */
export function isCompleted(message: MessageContent): boolean {
  const { embeds = [], poll } = message;
  return (isByApp(message) && embeds.length > 0) || poll?.results?.is_finalized === true;
}

/** Discord does not name the author of a forwarded message: embeds count as an app's, unless they are previews. */
function forwardText(forwarded: Forwarded, names: Names): string {
  const { content, embeds, components, poll, sticker_items: stickers, flags, attachments } = forwarded;
  const cards = (embeds ?? []).filter((embed: APIEmbed) => !isPreview(embed));
  const text = joined([
    renderMarkup(content, names),
    ...embedsText(cards, names),
    ...componentsText(components ?? [], names),
    ...(poll === undefined ? [] : [pollText(poll)]),
    ...(stickers ?? []).map(({ name }) => `[sticker: ${name}]`),
    ...attachmentText(flags, attachments),
  ]);
  return text === "" && attachments.length === 0 ? "" : joined(["[forwarded message]", quoted(text)]);
}

/** The descriptions of files, and the length of voice messages. */
function attachmentText(
  flags: MessageFlags | undefined,
  attachments: readonly APIAttachment[],
): readonly string[] {
  if (((flags ?? 0) & MessageFlags.IsVoiceMessage) !== 0) {
    return attachments.map(({ duration_secs: seconds }) =>
      seconds === undefined ? "[voice message]" : `[voice message, ${Math.round(seconds)} s]`,
    );
  }
  return attachments.flatMap((file) =>
    file.description === undefined || file.description === ""
      ? []
      : [`[${fileName(file)} shows: ${file.description}]`],
  );
}

/** People see above an app's response who used which command. Only a deprecated field has the command's name. */
function commandLine({ type, interaction, interaction_metadata: metadata }: MessageContent): string {
  const user = interaction?.user ?? metadata?.user;
  const isCommand = type === MessageType.ChatInputCommand || type === MessageType.ContextMenuCommand;
  // Messages caused by a button have no such line.
  if (user === undefined || (interaction === undefined && !isCommand)) return "";
  const name = interaction?.name ?? undocumentedName(metadata) ?? "";
  const command = type === MessageType.ChatInputCommand && name !== "" ? `/${name}` : name;
  return `[${user.global_name ?? user.username} used ${command || "a command"}]`;
}

/** Discord sends this field without documenting it. */
function undocumentedName(metadata: object | undefined): string | undefined {
  return metadata !== undefined && "name" in metadata && typeof metadata.name === "string"
    ? metadata.name
    : undefined;
}

function quoted(text: string): string {
  if (text === "") return "";
  return text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
