import type { types } from "@slack/bolt";

import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { escapeMarkup, truncateTo } from "./safe-text.ts";
import { partsOf } from "./keys.ts";

export const pickAction = "threadkeeper_pick";
const blockPrefix = `${pickAction}:`;
const lineChars = 75;
/** A block_id has at most 255 characters; the prefix and the longest command name take 51. */
const argumentChars = 200;
const maxOffered = 10;
/** How many conversations to fetch: one more than are shown, because the place itself may be among them. */
export const maxListed = maxOffered + 1;
const questionChars = 100;
const separator = " · ";
const untitled = "(no text)";

/** A command whose conversation still has to be picked. */
export interface PendingCommand {
  readonly name: string;
  readonly argument: string;
}

/** A message that only the person who acted sees: the body of an acknowledgement. */
export interface PrivateMessage {
  readonly response_type: "ephemeral";
  readonly text: string;
  readonly blocks?: types.KnownBlock[];
}

/** Asks for the conversation: slash commands carry no thread, and can't be used in threads. */
export function picker(
  command: PendingCommand,
  entries: readonly DirectoryEntry[],
  nowMs: number,
): PrivateMessage {
  if (command.argument.length > argumentChars) {
    return privateMessage(
      `That's too long here (${argumentChars} characters at most). Mention me in the thread instead.`,
    );
  }
  const recent = entries.flatMap((entry) => {
    const { threadTs } = partsOf(entry.conversation);
    return threadTs === undefined ? [] : [{ ...entry, threadTs }];
  });
  if (recent.length === 0) {
    return privateMessage("No conversations here yet. Mention me to start one.");
  }
  const typed = truncateTo(`/${command.name} ${command.argument}`.trim(), questionChars).replaceAll("`", "'");
  const question = `Which conversation is \`${escapeMarkup(typed)}\` for?`;
  const options = recent.slice(0, maxOffered).map((entry) => ({
    text: { type: "plain_text" as const, text: describe(entry, nowMs) },
    value: entry.threadTs,
  }));
  const placeholder = { type: "plain_text" as const, text: "Choose a conversation" };
  const blocks: types.KnownBlock[] = [
    { type: "section", text: { type: "mrkdwn", text: question } },
    {
      type: "actions",
      // The command travels in the block: the choice may reach another process.
      block_id: `${blockPrefix}${command.name}:${command.argument}`,
      elements: [{ type: "static_select", action_id: pickAction, placeholder, options }],
    },
  ];
  return { response_type: "ephemeral", text: question, blocks };
}

/** Reads the command back from the block of the choice. Undefined for other blocks. */
export function commandIn(blockId: string): PendingCommand | undefined {
  if (!blockId.startsWith(blockPrefix)) return undefined;
  const [name = "", ...rest] = blockId.slice(blockPrefix.length).split(":");
  return { name, argument: rest.join(":") };
}

/** The Markdown name of a picked conversation, from the label of its option. */
export function pickedName(line: string, link: string | undefined): string {
  const title = line
    .slice(0, line.includes(separator) ? line.lastIndexOf(separator) : undefined)
    // These would be read as Markdown, or end the link.
    .replaceAll(/[\\`*_~[\]()<>|]/gu, "");
  const name = title === "" || `(${title})` === untitled ? "this conversation" : `“${title}”`;
  return link === undefined ? name : `[${name}](${link})`;
}

/** A text that only the person who acted sees. */
export function privateMessage(text: string): PrivateMessage {
  return { response_type: "ephemeral", text };
}

function describe({ title, lastAtMs }: DirectoryEntry, nowMs: number): string {
  const age = `${separator}${ago(nowMs - lastAtMs)}`;
  return `${truncateTo(title === "" ? untitled : title, lineChars - age.length)}${age}`;
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
