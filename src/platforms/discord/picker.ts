import { ComponentType, InteractionResponseType } from "discord.js";

import type { DirectoryEntry } from "../../domain/conversation.ts";
import { privateBodyOf } from "./message-body.ts";

const prefix = "threadkeeper:pick:";
const longestLabel = 100;
const noneYet = "There is no conversation of mine in this channel yet. Mention me to begin one.";

/** The first answer to an interaction, as Discord takes it. */
export interface FirstAnswer {
  readonly type: InteractionResponseType;
  readonly data?: object;
}

/** What a person ordered. */
export interface Order {
  readonly name: string;
  readonly argument: string;
}

/** The first answer to a command in a plain channel: which of its conversations is meant? */
export function pickerFor(order: Order, entries: readonly DirectoryEntry[], nowMs: number): FirstAnswer {
  if (entries.length === 0) {
    return { type: InteractionResponseType.ChannelMessageWithSource, data: privateBodyOf(noneYet) };
  }
  const select = {
    type: ComponentType.StringSelect,
    custom_id: `${prefix}${order.name}:${order.argument}`,
    placeholder: "Choose a conversation",
    options: entries.map((entry) => ({
      label: label(entry.title),
      description: `last active ${ago(nowMs - entry.lastAtMs)}`,
      value: threadOf(entry),
    })),
  };
  return {
    type: InteractionResponseType.ChannelMessageWithSource,
    data: {
      ...privateBodyOf(`Which conversation is \`/${order.name}\` for?`),
      components: [{ type: ComponentType.ActionRow, components: [select] }],
    },
  };
}

/** The order that a picker was made for. Undefined for what is no picker of ours. */
export function pickedOrder(customId: string): Order | undefined {
  if (!customId.startsWith(prefix)) return undefined;
  const [name = "", argument = ""] = customId.slice(prefix.length).split(":");
  return { name, argument };
}

/** The last part of a conversation's key; with the guild, it leads back to the conversation. */
export function threadOf({ conversation }: DirectoryEntry): string {
  return conversation.slice(conversation.lastIndexOf(":") + 1);
}

function label(title: string): string {
  if (title === "") return "Conversation";
  return title.length > longestLabel ? `${title.slice(0, longestLabel - 1)}…` : title;
}

function ago(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  if (minutes < 60) return minutes === 0 ? "just now" : words.format(-minutes, "minute");
  const hours = Math.round(minutes / 60);
  return hours < 24 ? words.format(-hours, "hour") : words.format(-Math.round(hours / 24), "day");
}
