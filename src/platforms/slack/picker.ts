import type { types } from "@slack/bolt";

import type { DirectoryEntry } from "../../domain/conversation.ts";
import { escapeMarkup, shortened } from "./safe-text.ts";

export const pickAction = "threadkeeper_pick";
const blockPrefix = `${pickAction}:`;
const lineChars = 75;
const argumentChars = 100;

/** What somebody ordered, without saying for which conversation. */
export interface OpenOrder {
  readonly name: string;
  readonly argument: string;
}

/** A message that the asker alone sees. */
export interface PrivateMessage {
  readonly response_type: "ephemeral";
  readonly text: string;
  readonly blocks?: types.KnownBlock[];
}

/** Asks which conversation of a channel is meant: Slack's slash commands carry no thread. */
export function picker(order: OpenOrder, recent: readonly DirectoryEntry[], nowMs: number): PrivateMessage {
  if (recent.length === 0) {
    return privateLine(
      "I have no conversations here yet. Mention me in a message, and one begins in its thread.",
    );
  }
  const question = `For which conversation is \`/${escapeMarkup(order.name)}\`?`;
  const options = recent.map((entry) => ({
    text: { type: "plain_text" as const, text: describe(entry, nowMs) },
    value: entry.conversation.slice(entry.conversation.lastIndexOf(":") + 1),
  }));
  const placeholder = { type: "plain_text" as const, text: "Choose a conversation" };
  const blocks: types.KnownBlock[] = [
    { type: "section", text: { type: "mrkdwn", text: question } },
    {
      type: "actions",
      // The order travels with the question: whoever answers it may be talking to another process.
      block_id: `${blockPrefix}${order.name}:${order.argument.slice(0, argumentChars)}`,
      elements: [{ type: "static_select", action_id: pickAction, placeholder, options }],
    },
  ];
  return { response_type: "ephemeral", text: question, blocks };
}

/** Reads the order back from the block in which the answer was given. */
export function orderIn(blockId: string): OpenOrder | undefined {
  if (!blockId.startsWith(blockPrefix)) return undefined;
  const [name = "", ...rest] = blockId.slice(blockPrefix.length).split(":");
  return { name, argument: rest.join(":") };
}

export function privateLine(text: string): PrivateMessage {
  return { response_type: "ephemeral", text };
}

function describe({ title, lastAtMs }: DirectoryEntry, nowMs: number): string {
  const age = ` · ${ago(nowMs - lastAtMs)}`;
  return `${shortened(title === "" ? "(no text)" : title, lineChars - age.length)}${age}`;
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
