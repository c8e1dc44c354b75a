import { ComponentType, InteractionResponseType } from "discord.js";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { privateResponse, type FirstResponse } from "../wire/first-response.ts";
import { privateBodyOf } from "../wire/message-body.ts";

const prefix = "threadkeeper:pick:";
const maxLabelLength = 100;
const maxCustomIdLength = 100;
/** With this a reply of maximum length still fits into a message. */
const maxNameLength = 60;
const noConversationsText = "No conversations here yet. Mention me to start one.";

/** A command and its argument. */
export interface PickedCommand {
  readonly name: string;
  readonly argument: string;
}

/** The first response to a command in a plain channel: a menu of its conversations. */
export function pickerResponse(
  command: PickedCommand,
  entries: readonly DirectoryEntry[],
  nowMs: number,
): FirstResponse {
  if (entries.length === 0) return privateResponse(noConversationsText);
  // The command travels in the menu's id, because another process may receive the choice.
  const customId = `${prefix}${command.name}:${command.argument}`;
  if (customId.length > maxCustomIdLength)
    return privateResponse("That's too long here. Use the command in the thread instead.");
  const typed = `/${command.name} ${command.argument}`.trim().replaceAll("`", "'");
  const select = {
    type: ComponentType.StringSelect,
    custom_id: customId,
    placeholder: "Choose a conversation",
    options: entries.map((entry) => ({
      label: truncateTitle(entry.title, maxLabelLength),
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

/** The command of a picker. Undefined if the menu isn't ours. */
export function pickedCommand(customId: string): PickedCommand | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [name = "", ...argument] = customId.slice(prefix.length).split(":");
  return { name, argument: argument.join(":") };
}

/** The last part of a conversation's key; with the guild's id it identifies the conversation. */
export function threadOf({ conversation }: Pick<DirectoryEntry, "conversation">): string {
  return conversation.slice(conversation.lastIndexOf(":") + 1);
}

/** A picked conversation as replies name it: a link to its thread, else its title. */
export function pickedName(entry: DirectoryEntry, hasThread: boolean): string {
  if (hasThread) return `<#${threadOf(entry)}>`;
  // Removes characters that Discord would read as Markdown.
  const title = entry.title.replaceAll(/[\\`*_~[\]()<>|]/gu, "");
  return title === "" ? "this conversation" : `“${truncateTitle(title, maxNameLength)}”`;
}

/** One line for a conversation: its title, and when it was last active. */
export function choiceTitle(entry: DirectoryEntry, nowMs: number, maxChars: number): string {
  const when = ` · ${ago(nowMs - entry.lastAtMs)}`;
  return `${truncateTitle(entry.title, maxChars - when.length)}${when}`;
}

function truncateTitle(title: string, longest: number): string {
  if (title === "") return "(no text)";
  if (title.length <= longest) return title;
  // Removes half a surrogate pair.
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
