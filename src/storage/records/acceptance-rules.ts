import type { Inbound } from "../../domain/inbound.ts";
import type { Author, MessageId } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";

/** Whether it may begin a conversation; the rest is appended only where one exists. */
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

/** Whether somebody did it. What the bot tells itself leaves the lists that people see in their order. */
export function isExternal({ kind }: Inbound): boolean {
  return !internalKinds.has(kind);
}

/** The message by which it is found again. Undefined where it is none. */
export function sourceMessageOf(inbound: Inbound): MessageId | undefined {
  if (inbound.kind === "said") return inbound.message.id;
  return inbound.kind === "commanded" ? inbound.message : undefined;
}

/** As what the message is remembered to which it replies. Undefined where it replies to none. */
export function quotedMessageOf(inbound: Inbound): MessageId | undefined {
  if (inbound.kind !== "said" || inbound.message.quoted === undefined) return undefined;
  return quotedId(inbound.message.quoted.id);
}

/** Who has written in the conversation with it. */
export function authorOf(inbound: Inbound): Author | undefined {
  if (inbound.kind === "said") return inbound.message.author;
  return inbound.kind === "commanded" ? inbound.by : undefined;
}

/** Whether it only makes a store fuller: one that is full refuses it. */
export function addsText({ kind }: Inbound): boolean {
  return kind === "said" || kind === "edited";
}

/**
 * By which it is known that a message was deleted, whether its conversation is known or not: what tells of the message
 * later (a repeated delivery, reading again) is nothing to be stored. Undefined for all but deletions.
 */
export function deletionMarkSetBy({ kind, dedupeId }: Inbound): string | undefined {
  return kind === "deleted" ? `gone ${dedupeId}` : undefined;
}

/** The mark that a deletion of it leaves. Undefined for what is no message. */
export function deletionMarkAgainst(inbound: Inbound): string | undefined {
  return sourceMessageOf(inbound) === undefined ? undefined : `gone ${inbound.dedupeId}:delete`;
}
