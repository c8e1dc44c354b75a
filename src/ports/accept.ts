import type { Inbound } from "../domain/inbound.ts";
import type { Acceptance } from "./inbox.ts";

/**
 * How a platform hands over what happened. It resolves after the Inbound is stored, and then the platform may acknowledge.
 * @throws {InboxError} and then nothing was stored: don't acknowledge.
 */
export type Accept = (inbound: Inbound, signal: AbortSignal) => Promise<Acceptance>;
