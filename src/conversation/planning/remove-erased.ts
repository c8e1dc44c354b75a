import type { Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { Message } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { replaceQuote } from "../inbounds/apply-quote-changes.ts";
import { retainedFromMs } from "../memory/retention.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * Removes late messages and quotes that were erased in the meantime, with their conversation or their author. A removed
 * message becomes its deletion. @throws {StoreError}
 */
export async function removeErased(
  ports: Pick<TurnPorts, "erasureRequests" | "clock" | "retentionDays">,
  before: ConversationMemory,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const kept = await removeErasedQuotes(ports, waiting, signal);
  return removeErasedMissed(ports, before, kept, signal);
}

/** A quoted message can be of any age, so its author may be erased, or its retention over. */
async function removeErasedQuotes(
  { erasureRequests, clock, retentionDays }: Pick<TurnPorts, "erasureRequests" | "clock" | "retentionDays">,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const quoted = waiting.flatMap(({ inbound }) => quotedIn(inbound) ?? []);
  const [first] = waiting;
  if (quoted.length === 0 || first === undefined) return waiting;
  const authors = [...new Set(quoted.map(({ author }) => author.id))];
  const marks = await erasureRequests.cutoffs(first.inbound.platform, authors, signal);
  const fromMs = retainedFromMs({ retentionDays }, clock.nowMs());
  return waiting.map((entry) => {
    const { inbound } = entry;
    const message = quotedIn(inbound);
    if (inbound.kind !== "said" || message === undefined) return entry;
    if (message.saidAtMs >= Math.max(fromMs, marks.get(message.author.id) ?? 0)) return entry;
    return { ...entry, inbound: replaceQuote(inbound, undefined) };
  });
}

function quotedIn(inbound: Inbound): Message | undefined {
  return inbound.kind === "said" ? inbound.message.quoted : undefined;
}

async function removeErasedMissed(
  { erasureRequests }: Pick<TurnPorts, "erasureRequests">,
  { forgottenAtMs = 0 }: ConversationMemory,
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<readonly InboxEntry[]> {
  const missed = waiting.flatMap(({ inbound }) => lateMessageIn(inbound) ?? []);
  const [first] = missed;
  if (first === undefined) return waiting;
  const authors = [...new Set(missed.map(({ message }) => message.author.id))];
  const marks = await erasureRequests.cutoffs(first.platform, authors, signal);
  return waiting.map((entry) => {
    const said = lateMessageIn(entry.inbound);
    const isKept = said === undefined || said.message.saidAtMs > untilMs(said);
    return isKept ? entry : { ...entry, inbound: asRemoved(entry.inbound, said) };
  });

  function untilMs({ message }: Said): number {
    return Math.max(forgottenAtMs, marks.get(message.author.id) ?? 0);
  }
}

/** A missed message, or one that may have been received first by its edit. */
function lateMessageIn(inbound: Inbound): Said | undefined {
  if (inbound.kind === "edited") return inbound.isNewCall === true ? inbound.call : undefined;
  return inbound.kind === "said" && inbound.missed !== undefined ? inbound : undefined;
}

function asRemoved(inbound: Inbound, said: Said): Inbound {
  if (inbound.kind !== "edited") return deletionOf(said);
  const { isNewCall: _, ...edit } = inbound;
  return edit;
}

function deletionOf({ conversation, dedupeId, platform, place, message }: Said): Inbound {
  return { kind: "deleted", conversation, dedupeId, platform, place, message: message.id };
}
