import type { Inbound, Said } from "../domain/inbound.ts";
import type { Acceptance } from "./inbox.ts";

/**
 * Hands an Inbound from a platform to the core. Resolves after it is stored; only then may the platform acknowledge it.
 * Idempotent within 24 hours, by `dedupeId`. @throws {InboxError} when nothing was stored: don't acknowledge.
 */
export type Accept = (inbound: Inbound, signal: AbortSignal) => Promise<Acceptance>;

/**
 * Whether the bot would take part in a new conversation because of a message. Platforms ask before they do work for a
 * message that `Accept` would ignore. Answered from the settings, at once.
 */
export type OpensConversation = (said: ArrivingMessage) => boolean;

/** What decides about a message before its text is read. */
export interface ArrivingMessage extends Pick<Said, "platform" | "place" | "addressing" | "mayCall"> {
  readonly message: Pick<Said["message"], "author">;
}
