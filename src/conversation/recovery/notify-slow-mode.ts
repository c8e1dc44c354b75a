import type { InboxEntry } from "../../domain/inbound.ts";
import { coversEntry, type Lease } from "../../domain/turn.ts";
import type { PlatformError } from "../../ports/platform-error.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { inAbout } from "../text/model-error-message.ts";
import { messageLink, notifyRefused } from "./notify-unanswered.ts";

/** A person waits that long without a word. */
const patienceMs = 60_000;

/**
 * Tells the author in private, once, that a slow mode holds the answer back for more than a minute. Nothing can be said in the
 * place itself. A failure is logged only. @throws {StaleLeaseError}, {StoreError}
 */
export async function notifySlowMode(
  ports: Pick<TurnPorts, "journal" | "platforms" | "clock" | "log">,
  { lease, waiting }: { readonly lease: Lease; readonly waiting: readonly InboxEntry[] },
  { closed, retryAfterMs }: PlatformError,
  signal: AbortSignal,
): Promise<void> {
  if (closed !== "slow-mode" || retryAfterMs <= patienceMs) return;
  const running = await ports.journal.running(lease, signal);
  if (running === undefined) return;
  const asked = waiting.findLast((entry) => entry.inbound.kind === "said" && coversEntry(running, entry));
  if (asked?.inbound.kind !== "said" || running.told?.includes(asked.id) === true) return;
  // Saved first: a second line would be worse than none.
  await ports.journal.save(lease, { ...running, told: [...(running.told ?? []), asked.id] }, signal);
  const { message, replyTo } = asked.inbound;
  const text = `Slow mode is on there. I can reply to ${messageLink(message.permalink)} ${inAbout(retryAfterMs)}.`;
  await notifyRefused(ports, replyTo, { text, message: message.id }, signal);
}
