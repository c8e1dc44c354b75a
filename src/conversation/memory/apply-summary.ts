import type { Summarized } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isSummaryCurrent } from "./summary-base.ts";
import { countLeftOut } from "./window.ts";

/** A fold of something that has changed since is dropped; the next one reads anew. */
export function applySummary(memory: ConversationMemory, summarize: Summarized): ConversationMemory {
  if (!isSummaryCurrent(memory, summarize)) return memory;
  const { summary } = summarize;
  const { moves: _, ...rest } = memory;
  const windowFrom = Math.max(memory.windowFrom, summary.upTo);
  const folded = { ...rest, base: memory.base + 1, summary, windowFrom };
  return { ...folded, leftOut: countLeftOut(folded) };
}
