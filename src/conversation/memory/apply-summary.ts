import type { Summarized } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isAsRead } from "./summary-base.ts";
import { countLeftOut } from "./window.ts";

/** A fold of something that has changed since is dropped; the next one reads anew. */
export function withSummary(memory: ConversationMemory, summarize: Summarized): ConversationMemory {
  if (!isAsRead(memory, summarize)) return memory;
  const { summary } = summarize;
  const { moves: _, ...rest } = memory;
  const windowFrom = Math.max(memory.windowFrom, summary.upTo);
  const folded = { ...rest, base: memory.base + 1, summary, windowFrom };
  return { ...folded, leftOut: countLeftOut(folded) };
}
