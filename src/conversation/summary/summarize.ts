import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Summary, SummaryLine } from "../../domain/summary.ts";
import { selectMessages } from "./select-messages.ts";
import { guardAgainstCrashes } from "./crash-guard.ts";
import { needsSummary } from "../memory/window.ts";
import { LimitError } from "../usage/limits.ts";
import { type SummaryPorts, summarizeInParts } from "./write-summary.ts";
import { fitLines } from "./summary-lines.ts";

/**
 * Folds what is to leave the window into the summary, or makes a summary anew that something was taken from. The result
 * goes through the inbox, and is dropped there when memory has changed meanwhile. Resolves to whether there was
 * anything to do; `tomorrow`: there is, and a limit of the day is reached. @throws {ModelError}, {MemoryError}, {LedgerError}, {InboxError}, {StoreError}.
 */
export async function summarize(
  ports: SummaryPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  await using lock = await ports.locks.tryLock(`fold:${conversation}`, signal);
  // Another replica folds it. What comes of that is taken by a turn, which asks again where more is to be done.
  if (lock === undefined) return false;
  const { memory } = await ports.memories.read(conversation, signal);
  if (memory === undefined || !needsSummary(memory, ports.budget)) return false;
  if (await isSummaryWaiting(ports, conversation, signal)) return false;
  // Awaited here: returning ends the lock.
  return await summarizeNow(ports, memory, signal);
}

async function summarizeNow(
  ports: SummaryPorts,
  memory: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean | "tomorrow"> {
  const { conversation, platform, place, base } = memory;
  const { messagesToSummarize, upTo, skipped } = await selectMessages(ports, memory, signal);
  const isAnew = memory.summary?.isStale === true;
  if (messagesToSummarize.length === 0 && !isAnew && upTo <= (memory.summary?.upTo ?? 1)) return false;
  const summarizing = (): Promise<readonly SummaryLine[]> =>
    summarizeInParts(ports, memory, messagesToSummarize, signal);
  const lines = await guardAgainstCrashes(ports, conversation, summarizing, signal).catch(undefinedAtLimit);
  // No more of it today: what leaves the window is left out until there is a summary again.
  if (lines === undefined) return "tomorrow";
  const dropped = skipped + (isAnew ? 0 : (memory.summary?.dropped ?? 0));
  const summary: Summary = {
    ...fitLines(lines, ports.budget.summaryTokens, dropped),
    upTo,
    madeAtMs: ports.clock.nowMs(),
    ...unwantedIn(memory),
  };
  const dedupeId = `folded:${conversation}:${base}:${upTo}:${summary.madeAtMs}`;
  await ports.accept({ kind: "folded", conversation, dedupeId, platform, place, base, summary }, signal);
  const told = {
    messages: messagesToSummarize.length,
    lines: summary.lines.length,
    dropped: summary.dropped,
  };
  ports.log.info(told, "folded");
  return true;
}

function undefinedAtLimit(error: unknown): undefined {
  if (error instanceof LimitError) return undefined;
  throw error;
}

function unwantedIn({ summary }: ConversationMemory): Pick<Summary, "unwanted"> {
  return summary?.unwanted === undefined ? {} : { unwanted: summary.unwanted };
}

/** It is folded already, and the fold has not had its turn yet: a second one would cost the same again. */
async function isSummaryWaiting(
  { inbox }: SummaryPorts,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "folded");
}
