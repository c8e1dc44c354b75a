import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Summary, SummaryLine } from "../../domain/summary.ts";
import { selectMessages } from "./select-messages.ts";
import { guardAgainstCrashes } from "./crash-guard.ts";
import { needsSummary } from "../memory/window.ts";
import type { AnswerAccount } from "../../domain/turn-record.ts";
import { recordedInbound } from "../inbounds/recorded.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { backgroundRecord } from "../records/turn-record.ts";
import type { MessageToSummarize } from "./summary-input.ts";
import { LimitError } from "../usage/limits.ts";
import { type SummaryPorts, summarizeInParts } from "./write-summary.ts";
import { fitLines } from "./summary-lines.ts";
import type { SettingsAt, TurnConditions } from "../settings/settings-at.ts";

/** Whether a memory needs a summary, for any reason, under the settings of its place. Asks no store. */
export function isSummaryDue(settingsAt: SettingsAt, memory: ConversationMemory): boolean {
  return needsSummary(memory, settingsAt(memory).budget);
}

/**
 * Summarizes messages that leave the window, or rewrites a stale summary. The result is accepted into the inbox, and its
 * turn drops it if memory has changed since. Resolves to whether there was anything to do; "tomorrow" if a daily limit is
 * in the way. @throws {ModelError}, {MemoryError}, {ArchiveError}, {InboxError}, {StoreError}
 */
export async function summarize(
  given: Omit<SummaryPorts, keyof TurnConditions> & { readonly settingsAt: SettingsAt },
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  await using lock = await given.locks.tryLock(`fold:${conversation}`, signal);
  // Another replica is at it. The turn that applies its result requests another summary if one is needed.
  if (lock === undefined) return false;
  const { memory } = await given.memories.read(conversation, signal);
  if (memory === undefined) return false;
  if (!isSummaryDue(given.settingsAt, memory)) return false;
  const ports = { ...given, ...given.settingsAt(memory) };
  if (await isSummaryWaiting(ports, conversation, signal)) return false;
  // Awaited here, because returning releases the lock.
  return await summarizeNow(ports, memory, signal);
}

async function summarizeNow(
  ports: SummaryPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  const { conversation, platform, place, base } = memory;
  const { messagesToSummarize, upTo, skipped } = await selectMessages(ports, memory, signal);
  const isRewrite = memory.summary?.isStale === true;
  if (messagesToSummarize.length === 0 && !isRewrite && upTo <= (memory.summary?.upTo ?? 1)) return false;
  const observer = new AnswerObserver(ports);
  const summarizing = (): Promise<readonly SummaryLine[]> =>
    summarizeInParts({ ...ports, model: observer.model }, memory, messagesToSummarize, signal);
  const lines = await guardAgainstCrashes(ports, conversation, summarizing, signal).catch(undefinedAtLimit);
  // No summary today. Prompts leave out the messages until there is one.
  if (lines === undefined) return "tomorrow";
  const dropped = skipped + (isRewrite ? 0 : (memory.summary?.dropped ?? 0));
  const summary: Summary = {
    ...fitLines(lines, ports.budget.summaryTokens, dropped),
    upTo,
    madeAtMs: ports.clock.nowMs(),
    ...unwantedIn(memory),
  };
  const dedupeId = `folded:${conversation}:${base}:${upTo}:${summary.madeAtMs}`;
  await ports.accept({ kind: "folded", conversation, dedupeId, platform, place, base, summary }, signal);
  const account = withContents(observer.account(), memory, messagesToSummarize);
  const record = backgroundRecord(ports, memory, { purpose: "summary", account });
  await ports.accept(recordedInbound(record), signal);
  const facts = {
    messages: messagesToSummarize.length,
    lines: summary.lines.length,
    dropped: summary.dropped,
  };
  ports.log.info(facts, "conversation summarized");
  return true;
}

/** Names the messages of all parts. Unchanged if the model was not asked. */
function withContents(
  account: AnswerAccount,
  { revision }: ConversationMemory,
  messages: readonly MessageToSummarize[],
): AnswerAccount {
  const from = messages[0]?.ordinal;
  const to = messages.at(-1)?.ordinal;
  if (account.work === undefined || from === undefined || to === undefined) return account;
  return { ...account, work: { ...account.work, prompt: { from, to, messages: messages.length, revision } } };
}

function undefinedAtLimit(error: unknown): undefined {
  if (error instanceof LimitError) return undefined;
  throw error;
}

function unwantedIn({ summary }: ConversationMemory): Pick<Summary, "unwanted"> {
  return summary?.unwanted === undefined ? {} : { unwanted: summary.unwanted };
}

/** Whether a finished summary still waits for its turn. A second one would be wasted. */
async function isSummaryWaiting(
  { inbox }: SummaryPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "folded");
}
