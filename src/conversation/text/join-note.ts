import type { ReplyMode } from "../../domain/turn-settings.ts";

const remembered: Readonly<Record<Exclude<ReplyMode, "off">, string>> = {
  mention: "the threads that I'm called into, from their beginning. Nothing else here.",
  thread: "the threads that I'm called into, from their beginning. Nothing else here.",
  always: "what is said in this channel from now on.",
};

/** What the bot says of itself where it was added. Undefined: it answers nothing there, so it says nothing. */
export function joinNote(botName: string, replyMode: ReplyMode): string | undefined {
  if (replyMode === "off") return undefined;
  return [
    `Hi, I'm ${botName}. Mention me, and I'll answer in a thread under your message.`,
    `- **What I remember**: ${remembered[replyMode]}`,
    "- **Who can see it**: only people who can read this channel.",
    "- **To make me forget**: delete your message, or use `/forget`. To see what else I can do, mention me with `help`.",
  ].join("\n");
}
