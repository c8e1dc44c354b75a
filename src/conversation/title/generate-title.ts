import type { ConversationKey } from "../../domain/conversation.ts";
import type { Titled } from "../../domain/own-inbounds.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Locks } from "../../ports/locks.ts";
import type { Memory } from "../../ports/memory.ts";
import { ModelError } from "../../ports/model.ts";
import { parseTitle } from "./parse-title.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import type { SpendingPorts } from "../usage/counted-model.ts";
import { beginningOf, titlePrompt, type Beginning } from "./title-prompt.ts";
import { recordedInbound } from "../inbounds/recorded.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { backgroundRecord, type BackgroundPorts } from "../records/turn-record.ts";
import { LimitError } from "../usage/limits.ts";
import type { Budget } from "../../domain/budget.ts";
import type { SettingsAt, TurnConditions } from "../settings/settings-at.ts";

export interface TitlePorts extends SpendingPorts, BackgroundPorts {
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly accept: Accept;
  readonly locks: Locks;
  readonly budget: Budget;
  /** Deadline (ms) for the model. */
  readonly titleMs: number;
}

/**
 * Asks the model once for a title of the conversation's beginning. If that fails, the title keeps quoting the first words.
 * The result is accepted into the inbox, and its turn drops it if the messages it was made from have changed or gone.
 * @throws {MemoryError}, {InboxError}, {StoreError}, or the signal's reason; the next answer then requests it again.
 */
export async function generateTitle(
  given: Omit<TitlePorts, keyof TurnConditions> & { readonly settingsAt: SettingsAt },
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<void> {
  await using lock = await given.locks.tryLock(`title:${conversation}`, signal);
  if (lock === undefined) return;
  // Read before memory: a title that no longer waits is in memory.
  const waiting = await given.inbox.waiting(conversation, signal);
  if (waiting.some(({ inbound }) => inbound.kind === "titled")) return;
  const { memory } = await given.memories.read(conversation, signal);
  const beginning = memory && beginningOf(memory);
  if (memory === undefined || beginning === undefined) return;
  const ports = { ...given, ...given.settingsAt(memory) };
  try {
    const observer = new AnswerObserver(ports);
    const title = await askForTitle(ports, { memory, beginning, observer }, signal);
    await ports.accept(titledInbound(memory, beginning, title), signal);
    const covers = beginning.map(({ id }) => id);
    const record = backgroundRecord(ports, memory, { purpose: "title", account: observer.account(), covers });
    await ports.accept(recordedInbound(record), signal);
  } catch (error) {
    // The model was not called. Another day may have a title.
    if (!(error instanceof LimitError)) throw error;
  }
}

/** Asks for a title. Undefined if none resulted. @throws {LimitError}, {StoreError} */
async function askForTitle(
  ports: TitlePorts,
  {
    memory,
    beginning,
    observer,
  }: {
    readonly memory: ConversationMemory;
    readonly beginning: Beginning;
    readonly observer: AnswerObserver;
  },
  signal: AbortSignal,
): Promise<string | undefined> {
  const prompt = titlePrompt(memory, beginning, ports.budget);
  const tooLong = AbortSignal.timeout(ports.titleMs);
  try {
    const either = AbortSignal.any([signal, tooLong]);
    const { text } = await askWithinLimits({ ...ports, model: observer.model }, prompt, either);
    // Some models repeat their answer instead of titling it.
    return text.trim() === beginning.at(-1)?.text.trim() ? undefined : parseTitle(text);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError) && !tooLong.aborted) throw error;
    const kind = error instanceof ModelError ? error.kind : "too late";
    observer.end("failed", kind);
    ports.log.info({ kind }, "model made no title; the first words stay the title");
    return undefined;
  }
}

function titledInbound(
  { conversation, platform, place, revision }: ConversationMemory,
  beginning: Beginning,
  title: string | undefined,
): Titled {
  const from = beginning.map(({ id }) => id);
  const dedupeId = `titled:${conversation}:${revision}`;
  const titled = { kind: "titled", conversation, dedupeId, platform, place, from, revision } as const;
  return title === undefined ? titled : { ...titled, title };
}
