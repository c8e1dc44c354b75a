import type { Inbound } from "../../domain/inbound.ts";
import type { Author, MessageId } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";

/** Whether the inbound may begin a conversation. Others are appended only to a conversation that exists. */
export function opensConversation(inbound: Inbound): boolean {
  if (inbound.kind === "commanded" || inbound.kind === "delegated" || inbound.kind === "unplaced")
    return true;
  return inbound.kind === "said" && inbound.addressing !== "open" && inbound.addressing !== "others";
}

const internalKinds: ReadonlySet<Inbound["kind"]> = new Set([
  "delegated",
  "unplaced",
  "announced",
  "reasked",
  "retracted",
  "forgot",
  "expired",
  "lapsed",
  "filed",
  "folded",
  "titled",
]);

/**
 * Whether the inbound comes from a platform. The bot's own inbounds don't move a conversation up in people's lists.
 */
export function isExternal({ kind }: Inbound): boolean {
  return !internalKinds.has(kind);
}

/** The platform message that carries the inbound. Undefined where there is none. */
export function sourceMessageOf(inbound: Inbound): MessageId | undefined {
  if (inbound.kind === "said") return inbound.message.id;
  return inbound.kind === "commanded" ? inbound.message : undefined;
}

/** The id under which the message it replies to is located. Undefined where it replies to none. */
export function quotedMessageOf(inbound: Inbound): MessageId | undefined {
  if (inbound.kind !== "said" || inbound.message.quoted === undefined) return undefined;
  return quotedId(inbound.message.quoted.id);
}

/** The author to list as a participant of the conversation. Undefined where the inbound has none. */
export function authorOf(inbound: Inbound): Author | undefined {
  if (inbound.kind === "said") return inbound.message.author;
  return inbound.kind === "commanded" ? inbound.by : undefined;
}

/** Whether the inbound adds text, so that a full store refuses it. */
export function addsText({ kind }: Inbound): boolean {
  return kind === "said" || kind === "edited";
}

/**
 * The dedupe mark that a deletion sets, also for an unknown conversation. It stops a later delivery of the deleted
 * message. Undefined for other kinds.
 */
export function deletionMarkSetBy({ kind, dedupeId }: Inbound): string | undefined {
  return kind === "deleted" ? `gone ${dedupeId}` : undefined;
}

/** The dedupe mark that a deletion of this message would have set. Undefined for inbounds without a message. */
export function deletionMarkAgainst(inbound: Inbound): string | undefined {
  return sourceMessageOf(inbound) === undefined ? undefined : `gone ${inbound.dedupeId}:delete`;
}
