import { ComponentType, InteractionResponseType } from "discord.js";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { privateBodyOf } from "../wire/message-body.ts";

const prefix = "threadkeeper:pick:";
const longestLabel = 100;
const longestCustomId = 100;
/** With the longest text of an answer it still fits into a message. */
const longestName = 60;
const noneYet = "No conversations here yet. Mention me to start one.";

/** The first answer to an interaction, as Discord takes it. */
export interface FirstAnswer {
  readonly type: InteractionResponseType;
  readonly data?: object;
}

/** What a person ordered. */
export interface PickedCommand {
  readonly name: string;
  readonly argument: string;
}

/** An answer for the asker alone. */
export function told(text: string): FirstAnswer {
  return { type: InteractionResponseType.ChannelMessageWithSource, data: privateBodyOf(text) };
}

/** The first answer to a command in a plain channel: which of its conversations is meant? */
export function pickerFor(
  order: PickedCommand,
  entries: readonly DirectoryEntry[],
  nowMs: number,
): FirstAnswer {
  if (entries.length === 0) return told(noneYet);
  // The order travels with the question: whoever answers it may be talking to another process.
  const customId = `${prefix}${order.name}:${order.argument}`;
  if (customId.length > longestCustomId)
    return told("That's too long here. Use the command in the thread instead.");
  const typed = `/${order.name} ${order.argument}`.trim().replaceAll("`", "'");
  const select = {
    type: ComponentType.StringSelect,
    custom_id: customId,
    placeholder: "Choose a conversation",
    options: entries.map((entry) => ({
      label: shortened(entry.title, longestLabel),
      description: ago(nowMs - entry.lastAtMs),
      value: threadOf(entry),
    })),
  };
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      ...privateBodyOf(`Which conversation is \`${typed}\` for?`),
      components: [{ type: ComponentType.ActionRow, components: [select] }],
    },
  };
}

/** The order that a picker was made for. Undefined for what is no picker of ours. */
export function pickedCommand(customId: string): PickedCommand | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [name = "", ...argument] = customId.slice(prefix.length).split(":");
  return { name, argument: argument.join(":") };
}

/** The last part of a conversation's key; with the guild, it leads back to the conversation. */
export function threadOf({ conversation }: Pick<DirectoryEntry, "conversation">): string {
  return conversation.slice(conversation.lastIndexOf(":") + 1);
}

/** How an answer names the conversation that was picked: by its thread, where it has one. */
export function pickedName(entry: DirectoryEntry, hasThread: boolean): string {
  if (hasThread) return `<#${threadOf(entry)}>`;
  // What would be read as Markdown.
  const title = entry.title.replaceAll(/[\\`*_~[\]()<>|]/gu, "");
  return title === "" ? "this conversation" : `“${shortened(title, longestName)}”`;
}

function shortened(title: string, longest: number): string {
  if (title === "") return "(no text)";
  if (title.length <= longest) return title;
  // Half of a character is none.
  return `${title.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "yesterday" : `${days} days ago`;
}
