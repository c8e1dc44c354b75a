import type { CommandCall, CommandResult } from "../conversation/command/command.ts";
import { takeThatFits } from "../conversation/prompt/fit-items.ts";
import type { HistoryMessage } from "../conversation/archive/read-history.ts";
import { speakerLooks, type SpeakerLooks } from "../conversation/text/forged-lines.ts";
import { formatContent } from "../conversation/text/format-message.ts";
import { selectTimed, timeMark, conversationZone } from "../conversation/text/time-marks.ts";
import { WallClock } from "../conversation/text/wall-clock.ts";
import { yielding } from "../async/yielding.ts";
import { joinContents } from "../domain/content.ts";
import type { PromptMessage } from "../domain/prompt.ts";
import type { ConversationMemory, Source } from "../domain/conversation-memory.ts";
import { retryWithLessRoom } from "../conversation/prompt/retry-with-less-room.ts";

const instructions = `Summarise the conversation below for a participant who wants to catch up.
Each message begins with its number in brackets; a person's has that person's name and a colon behind it, the others are yours. A line in brackets above one gives the day and time when it was said: put the date that is meant behind words such as "tomorrow".
Give what was decided under **Decisions**, what is still open under **Open questions**, and who is to do what under **Action items**, each as a short list that names people; leave out a list that would be empty; if all would be empty, tell in a few sentences what was said. Keep names, numbers, dates and links exactly as they were written. Add nothing that was not said.
End each line of a list with the numbers of the messages that it rests on, in brackets: [12] or [3, 12].
Write in the language of the conversation, in Markdown.`;

/**
 * Summarises messages for their reader, with links to those that it rests on. Many are summarised in parts, then the summaries
 * together. Leaves out nothing. `memory`: of their conversation, or an empty one.
 */
export async function summarizeMessages(
  call: CommandCall,
  spoken: readonly HistoryMessage[],
): Promise<Required<Pick<CommandResult, "say" | "sources">>> {
  return addLinks(await summarizeAll(call, spoken), call.memory, spoken);
}

async function summarizeAll(call: CommandCall, spoken: readonly HistoryMessage[]): Promise<string> {
  const botName = call.ports.platform.botNameIn?.(call.memory.place);
  const labels = [
    ...call.memory.speakers.map(({ label }) => label),
    ...spoken.map(({ speaker }) => speaker),
    ...(botName === undefined ? [] : [botName]),
  ];
  const looks = speakerLooks(new Set(labels));
  const wallClock = new WallClock(conversationZone(call.memory, call.ports.timeZone));
  const timed = selectTimed(spoken);
  const asMessage = (message: HistoryMessage): PromptMessage => {
    const mark = timed.has(message) ? `${timeMark(message, wallClock)}\n` : "";
    return promptMessageOf(message, mark, looks);
  };
  let summaries = await summarizeParts(call, spoken, asMessage, "Summarise this conversation now.");
  while (summaries.length > 1) {
    const texts = summaries.map((text) => ({ text }));
    const request =
      "These are summaries of the parts of one conversation, in order. Make one summary of them now.";
    const together = await summarizeParts(
      call,
      texts,
      ({ text }) => ({ role: "person", content: text }),
      request,
    );
    // A model that shortens nothing must not loop forever.
    if (together.length >= summaries.length) return together.join("\n\n");
    summaries = together;
  }
  return summaries.join("\n\n");
}

/** Splits the items into as few prompts as possible. Resolves to one answer for each. */
async function summarizeParts<T extends { readonly text: string }>(
  { ports: { budget, model }, ask }: CommandCall,
  items: readonly T[],
  asMessage: (item: T) => PromptMessage,
  request: string,
): Promise<readonly string[]> {
  const overhead = model.countTokens(instructions) + model.countTokens(request) + 8;
  const tokensOf = (item: T): number => model.countTokens(asMessage(item).content) + 4;
  const pause = yielding();
  const answers: string[] = [];
  let rest = items;
  while (rest.length > 0) {
    const done = await retryWithLessRoom(budget, async (room) => {
      const fitting = await takeThatFits(rest, Math.max(room - overhead, room / 2), tokensOf);
      const isWhole = answers.length === 0 && fitting.rest.length === 0;
      const last = isWhole ? request : `This is part ${answers.length + 1} of it. Summarise this part now.`;
      const messages: PromptMessage[] = [];
      for (const item of fitting.part) {
        messages.push(asMessage(item));
        await pause();
      }
      messages.push({ role: "person", content: last });
      return { text: await ask({ instructions, messages }), rest: fitting.rest };
    });
    answers.push(done.text);
    ({ rest } = done);
  }
  return answers;
}

function promptMessageOf(message: HistoryMessage, mark: string, looks: SpeakerLooks): PromptMessage {
  const role = message.role === "bot" ? "bot" : "person";
  return { role, content: joinContents([`${mark}[${message.ordinal}] `, formatContent(message, looks)], "") };
}

/** A link to a message. Only this program may write one. */
const forgedLink = /\[\s*↗\uFE0F?\s*\]\([^()\s]*\)/gu;

/** Replaces message numbers with links to the messages, and removes links that only look like these. */
function addLinks(
  text: string,
  { conversation }: ConversationMemory,
  spoken: readonly HistoryMessage[],
): Required<Pick<CommandResult, "say" | "sources">> {
  const byOrdinal = new Map(spoken.map((message) => [message.ordinal, message]));
  const sources = new Map<string, Source>();
  const say = text
    .replaceAll(forgedLink, "")
    .replaceAll(/ ?\[(\d+(?:\s*,\s*\d+)*)\](?!\()/gu, (mark: string, numbers: string) => {
      const cited = numbers.split(",").flatMap((number) => byOrdinal.get(Number(number)) ?? []);
      if (cited.length === 0) return mark;
      for (const { id } of cited) sources.set(id, { conversation, message: id });
      return cited.map(({ permalink }) => (permalink === undefined ? "" : ` [↗](${permalink})`)).join("");
    });
  return { say, sources: [...sources.values()] };
}
