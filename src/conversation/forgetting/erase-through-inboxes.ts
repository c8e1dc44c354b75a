import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationLocation } from "../../domain/archive.ts";
import { yielding } from "../../async/yielding.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ErasureRequest } from "../../ports/erasure-requests.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";

interface InboxErasurePorts {
  readonly inbox: Inbox;
  readonly accept: Accept;
  readonly clock: Clock;
  readonly log: Log;
}

/** After this long without progress, the remaining conversations count as stuck. */
const stuckAfterMs = 60_000;
const pollMs = 200;
/** Conversations that erase at the same time. Other people's messages must not wait behind thousands of them. */
const batchSize = 50;
/** A batch that takes longer no longer holds up the next one. */
const maxBatchMs = 1_000;
const batchPollMs = 20;

/** Resolves when each inbox has the request, and most have carried it out. */
export async function enqueueErasures(
  ports: InboxErasurePorts,
  request: ErasureRequest,
  locations: readonly ConversationLocation[],
  signal: AbortSignal,
): Promise<void> {
  const { clock } = ports;
  for (let from = 0; from < locations.length; from += batchSize) {
    const batch = locations.slice(from, from + batchSize);
    for (const location of batch) await enqueueErasure(ports, request, location, signal);
    const untilMs = clock.nowMs() + maxBatchMs;
    for (const { conversation } of batch) {
      while (clock.nowMs() < untilMs && (await isStillWaiting(ports, request, conversation, signal)))
        await clock.sleep(batchPollMs, signal);
    }
  }
}

/** Whether the request still waits in a conversation's inbox. */
async function isStillWaiting(
  { inbox }: InboxErasurePorts,
  { id }: ErasureRequest,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "forgot" && inbound.forgetting === id);
}

async function enqueueErasure(
  { accept }: InboxErasurePorts,
  { id, platform, author, beforeMs }: ErasureRequest,
  { conversation, place }: { readonly conversation: ConversationKey; readonly place: string },
  signal: AbortSignal,
): Promise<void> {
  const dedupeId = `forgot:${id}:${conversation}`;
  await accept(
    { kind: "forgot", conversation, dedupeId, platform, place, forgetting: id, author, beforeMs },
    signal,
  );
}

/** Resolves to the number of stuck conversations. Their inboxes keep the request, so the receipt need not wait for them. */
export async function waitForConversations(
  ports: InboxErasurePorts,
  request: ErasureRequest,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<number> {
  const { clock, log } = ports;
  const pause = yielding();
  let stuck = 0;
  let sinceMs = clock.nowMs();
  for (const conversation of conversations) {
    const isWaiting = () => isStillWaiting(ports, request, conversation, signal);
    let isDone = !(await isWaiting());
    while (!isDone && clock.nowMs() - sinceMs <= stuckAfterMs) {
      await clock.sleep(pollMs, signal);
      isDone = !(await isWaiting());
    }
    if (isDone && stuck === 0) sinceMs = clock.nowMs();
    if (!isDone) stuck += 1;
    await pause();
  }
  if (stuck > 0)
    log.warn(
      { conversations: stuck },
      "conversations have not erased a person's messages yet; they will when their next turn runs",
    );
  return stuck;
}
