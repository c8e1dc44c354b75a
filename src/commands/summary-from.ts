import type { CommandCall, CommandResult, CommandRunner } from "../conversation/command/command.ts";
import { readHistory, type HistoryMessage } from "../conversation/archive/read-history.ts";
import { appendMessages } from "../conversation/memory/append.ts";
import { emptyMemory } from "../conversation/memory/new-memory.ts";
import { isForModel } from "../conversation/memory/remembered-message.ts";
import { limitMessage } from "../conversation/text/limit-message.ts";
import { yielding } from "../async/yielding.ts";
import type { Said } from "../domain/inbound.ts";
import { type Message, messageIdOf } from "../domain/message.ts";
import { PlatformError } from "../ports/platform-error.ts";
import { isGone } from "./about-message.ts";
import { areRemembered } from "./are-remembered.ts";
import { offerToShow } from "./offer-to-show.ts";
import { summarizeMessages } from "./summarize-messages.ts";

const gone = "That message was deleted, so I can't summarise from it.";
const outdated = "Something that was said there was deleted while I read it. Please try again.";
const whichMessage = "From which message? Use its menu.";
const unreadable = "I can't read the messages here.";
const unreadableNow = "I can't read the messages here right now. Please try again in a minute.";
const nothing = "There's nothing from there on that I can read.";
const notRemembered = "-# I don't remember that message. This begins with the next one that I do.";
const mentionsOnly = "-# I only see messages here that mention me.";

/** Of a place whose messages the bot does not remember. */
const maxFetched = 500;
/** Their ids are kept with the answer. */
const maxShowable = 300;
/** A post stands in a chat later than the reply that it shows began. */
const replyMs = 60 * 60_000;

/** What is summarised, and what its reader should know about it. */
interface Material {
  readonly messages: readonly HistoryMessage[];
  readonly note?: string;
}

/**
 * Summarises in private what was said from one message on: of the conversation as it is remembered; where the bot does not know
 * one, of the place as its person reads it now. In menus of messages only.
 */
export const summaryFrom: CommandRunner = {
  definition: {
    name: "summary-from",
    description: "Summarise from a message on",
    options: [],
    scope: "place",
  },
  isButtonOnly: true,
  interrupts: false,
  runsInBackground: true,
  needs: () => "read",
  run: async (call, signal) => {
    const { about } = call.command;
    if (about === undefined) return { say: whichMessage, isShared: false };
    if (await isGone(call, about, signal)) return { say: gone, isShared: false };
    const isOutside = call.command.isOutside === true;
    const material = isOutside ? await fetched(call, about, signal) : await remembered(call, about, signal);
    if (typeof material === "string") return { say: material, isShared: false };
    const spoken = material.messages.filter(isForModel);
    if (spoken.length === 0) return { say: nothing, isShared: false };
    const { say, sources } = await summarizeMessages(call, spoken);
    const answer = material.note === undefined ? say : `${say}\n${material.note}`;
    // What the bot does not remember, it can't follow through deletions.
    const offers = isOutside ? {} : await offerFor(call, about, { answer, sources, spoken }, signal);
    if (await isGone(call, about, signal)) return { say: gone, isShared: false };
    if (offers === undefined) return { say: outdated, isShared: false };
    return { say: answer, isShared: false, ...offers };
  },
};

async function remembered(
  { ports, memory }: CommandCall,
  about: Said,
  signal: AbortSignal,
): Promise<Material> {
  const { id, saidAtMs } = about.message;
  const { since } = memory;
  const history = await readHistory(ports.archive, memory, { since, fromMs: saidAtMs - replyMs }, signal);
  const first = history.findIndex(
    (each) => each.id === id || each.posts?.some((post) => messageIdOf(post) === id) === true,
  );
  const note = ports.platform.readsMentionsOnly === true ? { note: mentionsOnly } : {};
  if (first >= 0) return { messages: history.slice(first), ...note };
  return { messages: history.filter((each) => each.saidAtMs >= saidAtMs), note: notRemembered };
}

/** As the platform shows it now, without what people want forgotten. A text: why it can't be read. */
async function fetched(
  { ports, command }: CommandCall,
  about: Said,
  signal: AbortSignal,
): Promise<Material | string> {
  const { platform, erasureRequests, log } = ports;
  if (platform.fetchFrom === undefined) return unreadable;
  try {
    const { messages, own, isCut } = await platform.fetchFrom(about, maxFetched, signal);
    const authors = [...new Set(messages.map(({ author }) => author.id))];
    const cutoffs = await erasureRequests.cutoffs(command.platform, authors, signal);
    const left = messages.filter(({ author, saidAtMs }) => saidAtMs >= (cutoffs.get(author.id) ?? 0));
    const all = await asHistory({ ports, command }, left);
    const cut = isCut ? [`-# Only the first ${left.length} messages from there on.`] : [];
    const notes = [...cut, ...(platform.readsMentionsOnly === true ? [mentionsOnly] : [])];
    return {
      messages: all.map((each) => (own.has(each.id) ? asOwn(each) : each)),
      ...(notes.length === 0 ? {} : { note: notes.join("\n") }),
    };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    log.warn({ err: error }, "could not read the messages that a person wants summarised; they were told");
    return error.isPassing ? unreadableNow : unreadable;
  }
}

function asOwn(message: HistoryMessage): HistoryMessage {
  return { ...message, role: "bot" };
}

/** As it would be remembered. */
async function asHistory(
  { ports, command }: Pick<CommandCall, "ports" | "command">,
  messages: readonly Message[],
): Promise<readonly HistoryMessage[]> {
  const { conversation, platform, place } = command;
  const botName = ports.platform.botNameIn?.(place);
  const pause = yielding();
  let memory = emptyMemory(conversation, { platform, place });
  for (const message of messages) {
    // What fits into a prompt is counted when it is made.
    memory = appendMessages(memory, [limitMessage(message)], () => 0, botName);
    await pause();
  }
  return memory.messages;
}

function offerFor(
  call: CommandCall,
  about: Said,
  {
    answer,
    sources,
    spoken,
  }: Required<Pick<CommandResult, "sources">> & {
    readonly answer: string;
    readonly spoken: readonly HistoryMessage[];
  },
  signal: AbortSignal,
): ReturnType<typeof offerToShow> {
  if (spoken.length > maxShowable) return Promise.resolve({});
  const others = spoken.map(({ id }) => id);
  const isOutdated = async (): Promise<boolean> => {
    const { memory } = await call.ports.memories.read(call.command.conversation, signal);
    return memory === undefined || !(await areRemembered(call.ports, memory, others, signal));
  };
  return offerToShow(
    call,
    { about, question: "Summarise from here", answer, sources, others, isOutdated },
    signal,
  );
}
