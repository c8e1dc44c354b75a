import type { Summarized } from "../../domain/own-inbounds.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isSummaryCurrent } from "./summary-base.ts";
import { countLeftOut } from "./window.ts";

/** Stores a summary. Ignored if the messages it was made from have changed since. */
export function applySummary(memory: ConversationMemory, summarize: Summarized): ConversationMemory {
  if (!isSummaryCurrent(memory, summarize)) return memory;
  const { summary } = summarize;
  const { moves: _, ...rest } = memory;
  const windowFrom = Math.max(memory.windowFrom, summary.upTo);
  const summarized = { ...rest, base: memory.base + 1, summary, windowFrom };
  return { ...summarized, leftOut: countLeftOut(summarized) };
}
