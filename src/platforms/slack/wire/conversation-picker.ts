import type { types } from "@slack/bolt";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { escapeMarkup, shortened } from "./safe-text.ts";
import { partsOf } from "./keys.ts";

export const pickAction = "threadkeeper_pick";
const blockPrefix = `${pickAction}:`;
const lineChars = 75;
/** A block's id takes 255, and the prefix and the longest name 51 of them. */
const argumentChars = 200;
/** Asks for one more than are shown: the place itself may be among them. */
const mostOffered = 10;
export const mostAsked = mostOffered + 1;
const questionChars = 100;
const separator = " · ";
const untitled = "(no text)";

/** What somebody ordered, without saying for which conversation. */
export interface OpenCommand {
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
export function picker(
  order: OpenCommand,
  entries: readonly DirectoryEntry[],
  nowMs: number,
): PrivateMessage {
  if (order.argument.length > argumentChars) {
    return privateLine(
      `That's too long here (${argumentChars} characters at most). Mention me in the thread instead.`,
    );
  }
  const recent = entries.flatMap((entry) => {
    const { threadTs } = partsOf(entry.conversation);
    return threadTs === undefined ? [] : [{ ...entry, threadTs }];
  });
  if (recent.length === 0) {
    return privateLine("No conversations here yet. Mention me to start one.");
  }
  const typed = shortened(`/${order.name} ${order.argument}`.trim(), questionChars).replaceAll("`", "'");
  const question = `Which conversation is \`${escapeMarkup(typed)}\` for?`;
  const options = recent.slice(0, mostOffered).map((entry) => ({
    text: { type: "plain_text" as const, text: describe(entry, nowMs) },
    value: entry.threadTs,
  }));
  const placeholder = { type: "plain_text" as const, text: "Choose a conversation" };
  const blocks: types.KnownBlock[] = [
    { type: "section", text: { type: "mrkdwn", text: question } },
    {
      type: "actions",
      // The order travels with the question: whoever answers it may be talking to another process.
      block_id: `${blockPrefix}${order.name}:${order.argument}`,
      elements: [{ type: "static_select", action_id: pickAction, placeholder, options }],
    },
  ];
  return { response_type: "ephemeral", text: question, blocks };
}

/** Reads the order back from the block in which the answer was given. */
export function orderIn(blockId: string): OpenCommand | undefined {
  if (!blockId.startsWith(blockPrefix)) return undefined;
  const [name = "", ...rest] = blockId.slice(blockPrefix.length).split(":");
  return { name, argument: rest.join(":") };
}

/** How an answer names the conversation that was picked by this line. */
export function pickedName(line: string, link: string | undefined): string {
  const title = line
    .slice(0, line.includes(separator) ? line.lastIndexOf(separator) : undefined)
    // What would be read as Markdown, or end the link.
    .replaceAll(/[\\`*_~[\]()<>|]/gu, "");
  const name = title === "" || `(${title})` === untitled ? "this conversation" : `“${title}”`;
  return link === undefined ? name : `[${name}](${link})`;
}

export function privateLine(text: string): PrivateMessage {
  return { response_type: "ephemeral", text };
}

function describe({ title, lastAtMs }: DirectoryEntry, nowMs: number): string {
  const age = `${separator}${ago(nowMs - lastAtMs)}`;
  return `${shortened(title === "" ? untitled : title, lineChars - age.length)}${age}`;
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
