import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import { readKeptAnswer, type KeptAnswer } from "../conversation/command/kept-answer.ts";
import { appendMessages } from "../conversation/memory/append.ts";
import { displayNameOf } from "../conversation/text/speaker-label.ts";
import { asPlainMarkdown } from "../conversation/text/plain-markdown.ts";
import { truncate } from "../conversation/text/truncate.ts";
import type { Source } from "../domain/conversation-memory.ts";
import { type Message, type MessageId, messageIdOf } from "../domain/message.ts";
import { showCommand } from "../domain/offer.ts";
import { oneLine } from "../domain/one-line.ts";
import { orderedMessageId } from "../domain/ordered-message.ts";
import { areRemembered } from "./are-remembered.ts";
import { FileStoreError } from "../ports/file-store.ts";

const maxQuestionChars = 300;
const notKept = "I don't have that answer any more. Please ask me again.";

/**
 * Posts a private answer for everyone, with its question. The question is remembered as a message of its asker, so that
 * answer and question are forgotten with them. The post goes with the message that it is about, where that is remembered.
 */
export const show: CommandRunner = {
  definition: {
    name: showCommand,
    description: "Show everyone an answer that you were given",
    options: [],
    text: { name: "answer", description: "which one", isRequired: true },
    scope: "conversation",
  },
  isButtonOnly: true,
  isRepeatable: true,
  interrupts: false,
  needs: () => "write",
  run: async (call, signal) => {
    const kept = await findKept(call, signal);
    if (kept === undefined || !(await mayShow(call, kept, signal)))
      return { say: notKept, isShared: false, ...leavingNothing(call) };
    const about = await sourceOf(call, kept.message, signal);
    return showing(call, kept, [...about, ...(kept.sources ?? [])]);
  },
};

async function findKept(
  { ports, command: { conversation, platform }, argument }: CommandCall,
  signal: AbortSignal,
): Promise<KeptAnswer | undefined> {
  try {
    return await readKeptAnswer(ports, { conversation, platform, id: argument.text }, signal);
  } catch (error) {
    if (!(error instanceof FileStoreError)) throw error;
    ports.log.warn({ err: error }, "a private answer could not be read, so it is not shown");
    return undefined;
  }
}

/**
 * Whether its asker shows it, and nothing of it was deleted since. Erasures of files may be late; what the conversation said
 * before it was deleted may yet be restored.
 */
async function mayShow(
  { ports, command: { platform, by }, memory }: CommandCall,
  { asker, author, askedAtMs, deletedBy, others = [] }: KeptAnswer,
  signal: AbortSignal,
): Promise<boolean> {
  const { inbox, erasureRequests } = ports;
  if (by.id !== asker || (memory.forgottenAtMs ?? -Infinity) >= askedAtMs) return false;
  if (await inbox.isMarked(deletedBy, signal)) return false;
  const cutoffs = await erasureRequests.cutoffs(platform, [asker, author], signal);
  if ([...cutoffs.values()].some((beforeMs) => beforeMs > askedAtMs)) return false;
  return areRemembered(ports, memory, others, signal);
}

/** The press must not leave an empty conversation behind. */
function leavingNothing({ memory }: CommandCall): Pick<CommandResult, "erase"> {
  return memory.nextOrdinal === 1 ? { erase: true } : {};
}

function showing(
  { ports, command, memory }: CommandCall,
  { question: text, answer, permalink }: KeptAnswer,
  about: readonly Source[],
): CommandResult {
  const { conversation, by, dedupeId, saidAtMs, place } = command;
  const id = orderedMessageId(dedupeId);
  const question: Message = { id, author: by, text, saidAtMs, attachments: [] };
  const botName = ports.platform.botNameIn?.(place);
  const name = displayNameOf(memory, by, botName);
  const what = permalink === undefined ? "a message here" : `[this message](${permalink})`;
  const asked = asPlainMarkdown(oneLine(truncate(text, maxQuestionChars)));
  return {
    say: `**${name}** asked about ${what}: “${asked}”\n\n${answer}`,
    isShared: true,
    sources: [...about, { conversation, message: id }],
    memory: appendMessages(memory, [question], ports.model.countTokens, botName),
  };
}

/** The message among those that are remembered here. Empty: it is not remembered, and a source would count as removed. */
async function sourceOf(
  { ports: { archive }, memory, command: { conversation } }: CommandCall,
  message: MessageId,
  signal: AbortSignal,
): Promise<readonly Source[]> {
  const remembered = memory.messages.find(
    ({ id, posts = [] }) => id === message || posts.some((post) => messageIdOf(post) === message),
  );
  const id = remembered?.id ?? (await archive.find(conversation, message, signal))?.id;
  return id === undefined ? [] : [{ conversation, message: id }];
}
