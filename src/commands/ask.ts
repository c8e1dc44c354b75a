import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import { dropAnswer, keepAnswer } from "../conversation/command/kept-answer.ts";
import { hasRight } from "../conversation/command/permission.ts";
import { inboundFormat } from "../conversation/inbounds/registry.ts";
import { emptyMemory } from "../conversation/memory/new-memory.ts";
import { promptAbout } from "../conversation/prompt/prompt-about.ts";
import { retryWithLessRoom } from "../conversation/prompt/retry-with-less-room.ts";
import { conversationZone, personZone } from "../conversation/text/time-marks.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";
import { editMessage } from "../domain/edit-message.ts";
import type { Said } from "../domain/inbound.ts";
import type { Message } from "../domain/message.ts";
import { showCommand } from "../domain/offer.ts";
import { orderedMessageId } from "../domain/ordered-message.ts";
import { PlatformError } from "../ports/platform-error.ts";

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
    if (await isGone(call, about, signal)) return { say: gone, isShared: false };
    const say = await answerTo(call, about, signal);
    if (about === undefined) return { say, isShared: false };
    const id = call.ports.ids.reference();
    const offers = await offerToShow(call, { about, id, answer: say }, signal);
    // What was read is not shown after its deletion. Asked only now: an earlier deletion may have missed what was kept.
    if (!(await isGone(call, about, signal))) return { say, isShared: false, ...offers };
    if (offers.offers !== undefined) await dropAnswer(call.ports, { ...call.command, id }, signal);
    return { say: gone, isShared: false };
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
  const parts = { instructions, budget, countTokens: model.countTokens, botName, when, ...asker };
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

async function isGone(
  { ports, command }: CommandCall,
  about: Said | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { inbox, erasureRequests } = ports;
  if (about === undefined) return false;
  if (await inbox.isMarked(deletionMarkOf(about), signal)) return true;
  const people = [about.message.author.id, command.by.id];
  const cutoffs = await erasureRequests.cutoffs(command.platform, people, signal);
  return [...cutoffs.values()].some((beforeMs) => beforeMs > command.saidAtMs);
}

function deletionMarkOf(about: Said): string {
  return inboundFormat.factsOf(about).deletedBy ?? "";
}

/** Whether an answer might be shown there. Pressing the button tells where it turns out otherwise. */
async function maybeIn({ ports: { platform }, command }: CommandCall, signal: AbortSignal): Promise<boolean> {
  if (command.isOutside !== true || platform.isIn === undefined) return true;
  try {
    return await platform.isIn(command.place, signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return true;
  }
}

async function offerToShow(
  call: CommandCall,
  { about, id, answer }: { readonly about: Said; readonly id: string; readonly answer: string },
  signal: AbortSignal,
): Promise<Pick<CommandResult, "offers">> {
  const { ports, command, argument } = call;
  if (!(await maybeIn(call, signal))) return {};
  const { conversation, platform } = command;
  const { id: message, permalink } = about.message;
  const kept = {
    question: argument.text,
    answer,
    message,
    deletedBy: deletionMarkOf(about),
    asker: command.by.id,
    author: about.message.author.id,
    askedAtMs: command.saidAtMs,
    ...(permalink === undefined ? {} : { permalink }),
  };
  if (!(await keepAnswer(ports, { conversation, platform, id }, kept, signal))) return {};
  const choices = [{ label: "Show everyone", name: showCommand, argument: id }];
  return { offers: { choices, orElse: "Only you can see this." } };
}
