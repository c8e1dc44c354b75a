import type { Inbound } from "../domain/inbound.ts";
import type { Acceptance } from "./inbox.ts";

/**
 * Hands an Inbound from a platform to the core. Resolves after it is stored; only then may the platform acknowledge it.
 * Idempotent within 24 hours, by `dedupeId`. @throws {InboxError} when nothing was stored: don't acknowledge.
 */
export type Accept = (inbound: Inbound, signal: AbortSignal) => Promise<Acceptance>;
