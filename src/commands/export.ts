import type { CommandRunner } from "../conversation/command/command.ts";
import { readHistory, type HistoryMessage } from "../conversation/archive/read-history.ts";
import { yielding } from "../async/yielding.ts";
import { stripMarkdown } from "../conversation/text/clean-name.ts";
import { lineEnd } from "../conversation/text/forged-lines.ts";
import { askerZone } from "../conversation/text/time-marks.ts";
import { WallClock } from "../conversation/text/wall-clock.ts";
import { fileTextsIn, saidIn } from "../domain/file-texts.ts";
import { oneLine } from "../domain/one-line.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import type { Attachment } from "../domain/message.ts";

/** Sends the stored conversation to the asker: one file to read, one for programs. */
export const exportCommand: CommandRunner = {
  definition: {
    name: "export",
    description: "Download this conversation (Markdown, JSON)",
    options: [],
    scope: "conversation",
  },
  interrupts: false,
  needs: () => "read",
  run: async ({ ports, memory, command }, signal) => {
    const history = await readHistory(ports.archive, memory, {}, signal);
    if (history.length === 0) return { say: "There's nothing to download here.", isShared: false };
    const wallClock = new WallClock(askerZone(command.by, memory, ports.timeZone));
    const day = wallClock.isoDay(ports.clock.nowMs());
    const isOurPage = ports.platform.isOurPage === true;
    return {
      say: `Here's the conversation (${history.length} ${history.length === 1 ? "message" : "messages"}).`,
      isShared: false,
      files: [
        {
          name: `conversation-${day}.md`,
          mediaType: "text/markdown; charset=utf-8",
          text: await markdownOf(history, memory, { isOurPage, wallClock }),
        },
        {
          name: `conversation-${day}.json`,
          mediaType: "application/json; charset=utf-8",
          text: await jsonOf(history, memory),
        },
      ],
    };
  },
};

/** Who reads the file. */
interface Reader {
  /** Only the reader has written there, and has no name. */
  readonly isOurPage: boolean;
  /** The reader's. */
  readonly wallClock: WallClock;
}

async function markdownOf(
  history: readonly HistoryMessage[],
  { summary }: ConversationMemory,
  { isOurPage, wallClock }: Reader,
): Promise<string> {
  const pause = yielding();
  const parts = ["# Conversation"];
  if (summary !== undefined && summary.lines.length > 0) {
    parts.push("## Summary", summary.lines.map(({ text }) => `- ${text}`).join("\n"));
  }
  parts.push("## Messages");
  let chapter = history[0]?.chapter;
  for (const message of history) {
    await pause();
    if (message.chapter !== chapter) parts.push("---", "*(reset)*");
    chapter = message.chapter;
    const when = `${wallClock.isoMinute(message.saidAtMs)} ${wallClock.zone}`;
    const link = message.permalink === undefined ? "" : ` ([link](${message.permalink}))`;
    const unread = message.attachments.filter(({ textChars }) => textChars === undefined);
    const files = unread.map(({ name }) => `[file: ${oneLine(name)}]`);
    const said = [message.text, ...files].filter((each) => each !== "").join("\n");
    const who = isOurPage && message.role === "person" ? "You" : stripMarkdown(message.speaker);
    parts.push(`**${who}**, ${when}${link}`, quoted(said));
  }
  return `${parts.join("\n\n")}\n`;
}

/** Marks every line, so that no text can look like the header of a message. */
function quoted(text: string): string {
  return text
    .split(lineEnd)
    .map((line) => (line === "" ? ">" : `> ${line}`))
    .join("\n");
}

/** Serializes one message at a time: a conversation may be too long for one call. */
async function jsonOf(
  history: readonly HistoryMessage[],
  { conversation, summary }: ConversationMemory,
): Promise<string> {
  const pause = yielding();
  const messages: string[] = [];
  for (const message of history) {
    messages.push(indented(inJson(message)));
    await pause();
  }
  const lines =
    summary?.lines.map(({ text, cites }) => ({ text, cites: cites.map(({ message }) => message) })) ?? [];
  const head = JSON.stringify({ conversation, summary: lines }, undefined, 2).slice(0, -"\n}".length);
  return `${head},\n  "messages": [\n${messages.join(",\n")}\n  ]\n}\n`;
}

function indented(value: unknown): string {
  return `    ${JSON.stringify(value, undefined, 2).replaceAll("\n", "\n    ")}`;
}

function inJson(message: HistoryMessage) {
  const { id, role, author, speaker, saidAtMs, attachments, permalink, answers, chapter } = message;
  const texts = fileTextsIn(message);
  return {
    id,
    role,
    author,
    speaker,
    text: saidIn(message),
    saidAt: new Date(saidAtMs).toISOString(),
    attachments: attachments.map((file, index) => fileInJson(file, texts[index])),
    ...(permalink === undefined ? {} : { permalink }),
    answers,
    chapter,
  };
}

/** Without what only the bot can use. `text`: what was read of it. */
function fileInJson({ name, mediaType, sizeBytes }: Attachment, text: string | undefined) {
  return {
    name,
    ...(mediaType === undefined ? {} : { mediaType }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(text === undefined ? {} : { text: text.trimStart() }),
  };
}
