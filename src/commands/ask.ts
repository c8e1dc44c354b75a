import type { CommandCall, CommandRunner } from "../conversation/command/command.ts";
import { hasRight } from "../conversation/command/permission.ts";
import { emptyMemory } from "../conversation/memory/new-memory.ts";
import { promptAbout } from "../conversation/prompt/prompt-about.ts";
import { retryWithLessRoom } from "../conversation/prompt/retry-with-less-room.ts";
import { conversationZone, personZone } from "../conversation/text/time-marks.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import { editMessage } from "../domain/edit-message.ts";
import type { Said } from "../domain/inbound.ts";
import type { Message } from "../domain/message.ts";
import { orderedMessageId } from "../domain/ordered-message.ts";
import { PlatformError } from "../ports/platform-error.ts";
import { isGone } from "./about-message.ts";
import { offerToShow } from "./offer-to-show.ts";

/** The message was deleted, or its author or the asker wants to be forgotten. */
const gone = "That message was deleted, so I can't answer questions about it.";

/**
 * Answers one person's question about one message, from that message and the conversation around it; a button shows it to
 * everyone (`show`). Without a message, it answers from the question alone. Neither question nor answer is remembered. In menus
 * only: who types a question mentions the bot.
 */
export const ask: CommandRunner = {
  definition: {
    name: "ask",
    description: "Ask about a message",
    options: [],
    text: { name: "question", description: "what you want to know", isRequired: true },
    scope: "place",
  },
  isButtonOnly: true,
  interrupts: false,
  runsInBackground: true,
  // Its person sees the message. What else the answer uses is checked when it is read.
  needs: () => "nothing",
  run: async (call, signal) => {
    const { about } = call.command;
    if (about === undefined) return { say: await answerTo(call, about, signal), isShared: false };
    const isOutdated = (): Promise<boolean> => isGone(call, about, signal);
    if (await isOutdated()) return { say: gone, isShared: false };
    const say = await answerTo(call, about, signal);
    const answer = { about, question: call.argument.text, answer: say, isOutdated };
    const offers = await offerToShow(call, answer, signal);
    return { say: offers === undefined ? gone : say, isShared: false, ...offers };
  },
};

async function answerTo(call: CommandCall, about: Said | undefined, signal: AbortSignal): Promise<string> {
  const { ports, command, argument, ask: askModel } = call;
  const { budget, model, platform, clock } = ports;
  const memory = await readableMemory(call, signal);
  const current = about && (await currentMessage(call, memory, about, signal));
  const { edited, message } = current ?? { edited: memory, message: undefined };
  const { by, saidAtMs, dedupeId } = command;
  const id = orderedMessageId(dedupeId);
  const question: Message = { id, author: by, text: argument.text, saidAtMs, attachments: [] };
  const when = {
    nowMs: clock.nowMs(),
    timeZone: conversationZone(memory, ports.timeZone),
    askerZone: personZone(memory, by.id) ?? by.timeZone,
  };
  const { instructions } = ports;
  const botName = platform.botNameIn?.(command.place);
  const preferences = await ports.preferences.find(command.platform, by.id, signal);
  const asker = { person: by.id, preferences };
  const title = platform.titleIn?.(command.conversation);
  const parts = { instructions, budget, countTokens: model.countTokens, botName, when, title, ...asker };
  return retryWithLessRoom(budget, async (room) =>
    askModel(await promptAbout(edited, { question, about: message }, { ...parts, room })),
  );
}

/** The memory of the conversation if the asker may read it, else an empty one. */
async function readableMemory(
  { ports: { platform, log }, command, memory }: CommandCall,
  signal: AbortSignal,
): Promise<ConversationMemory> {
  if (memory.messages.length === 0 && memory.summary === undefined) return memory;
  try {
    if (await hasRight(platform, { command, memory }, "read", signal)) return memory;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    log.warn(
      { err: error },
      "could not check a person's rights; a question is answered without the conversation",
    );
  }
  return emptyMemory(memory.conversation, { platform: memory.platform, place: memory.place });
}

/** The message as it reads by now: memory has the texts of its files, and an edit may wait. */
async function currentMessage(
  { ports: { inbox }, command }: CommandCall,
  memory: ConversationMemory,
  { message }: Said,
  signal: AbortSignal,
): Promise<{ readonly edited: ConversationMemory; readonly message: Message }> {
  if (command.isOutside === true) return { edited: memory, message };
  const waiting = await inbox.waiting(command.conversation, signal);
  const edit = waiting
    .map(({ inbound }) => inbound)
    .findLast((inbound) => inbound.kind === "edited" && inbound.message === message.id);
  const now = <M extends Pick<Message, "text" | "attachments">>(each: M): M =>
    edit?.kind === "edited" ? editMessage(each, edit) : each;
  const messages = memory.messages.map((each) => (each.id === message.id ? now(each) : each));
  const { text, attachments } = messages.find(({ id }) => id === message.id) ?? now(message);
  return { edited: { ...memory, messages }, message: { ...message, text, attachments } };
}
