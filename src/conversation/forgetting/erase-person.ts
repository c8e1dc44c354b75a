import type { ConversationKey, DirectoryEntry } from "../../domain/conversation.ts";
import type { ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import type { DeadLetters } from "../../ports/dead-letters.ts";
import type { Directory } from "../../ports/directory.ts";
import type { ErasureRequest } from "../../ports/erasure-requests.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Memory } from "../../ports/memory.ts";
import { giveReceipt, receiptText, type Counts, type ReceiptPorts } from "./send-receipt.ts";
import { retractWhatRestsOn, type RetractPorts } from "./retract-derived.ts";
import { yielding } from "../async/yielding.ts";

export interface ForgetPorts extends ReceiptPorts, RetractPorts {
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly deadLetters: DeadLetters;
}

const heldMs = 120_000;
const mostConversations = 10_000;
/** After so long without any conversation that has forgotten, the rest is taken for stuck. */
const waitMs = 60_000;
const lookEveryMs = 200;
/** So many conversations have to forget at once: what others say must not wait until thousands have. */
const toldAtOnce = 50;
/** What has not forgotten within so long keeps no other conversation from doing so. */
const batchMs = 1_000;
const lookForBatchEveryMs = 20;

/**
 * Carries out the next wish to be forgotten that nobody else is at: in each conversation through its inbox, so in order
 * with everything else, then in the ledger; then the receipt. Done again from the beginning when it was interrupted:
 * twice the same changes nothing. Resolves to whether there was one. @throws whatever its ports throw.
 */
export async function eraseNextPerson(ports: ForgetPorts, signal: AbortSignal): Promise<boolean> {
  const { erasureRequests, clock } = ports;
  const forgetting = await erasureRequests.next(heldMs, signal);
  if (forgetting === undefined) return false;
  const { id, receipt } = forgetting;
  let owing = receipt;
  if (receipt?.owed === undefined) {
    using holding = new DisposableStack();
    holding.use(heldOn(ports, id, signal));
    const isOurPage = ports.platforms.get(forgetting.platform)?.isOurPage === true;
    const text = receiptText(await forgetPerson(ports, forgetting, signal), isOurPage);
    if (receipt !== undefined) owing = { ...receipt, owed: { text, sinceMs: clock.nowMs() } };
    if (owing !== undefined) await erasureRequests.owe(id, owing, signal);
  }
  if (owing === undefined) await erasureRequests.settle(id, signal);
  else await giveReceipt(ports, forgetting, owing, signal);
  return true;
}

/** However long it takes, no other caller begins the same. */
function heldOn({ erasureRequests }: ForgetPorts, id: string, signal: AbortSignal): Disposable {
  const timer = setInterval(() => {
    // What is done in between notices a store that is away.
    erasureRequests.hold(id, heldMs, signal).catch(() => undefined);
  }, heldMs / 4);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function forgetPerson(
  ports: ForgetPorts,
  forgetting: ErasureRequest,
  signal: AbortSignal,
): Promise<Counts> {
  const { platform, author, beforeMs } = forgetting;
  const { archive } = ports;
  const listed = await ports.directory.ofAuthor(platform, author, mostConversations, signal);
  const counts = await countIn(ports, forgetting, listed, signal);
  // What is filed from now on is told to whoever files it; what was filed before is found below.
  await archive.refuseAuthor(platform, author, beforeMs, signal);
  const isTheirs = (message: ArchivedMessage): boolean => isSaidBy(forgetting, message);
  const locations = new Map<ConversationKey, ConversationLocation>(
    listed.map((location) => [location.conversation, location]),
  );
  for (const location of await archive.locationsOf(platform, author, beforeMs, signal)) {
    if (!locations.has(location.conversation)) locations.set(location.conversation, location);
  }
  for (const location of locations.values()) {
    const { messages, replies } = await retractWhatRestsOn(ports, location, isTheirs, signal);
    counts.inArchive += messages;
    counts.replies += replies;
  }
  const isListed = new Set(listed.map(({ conversation }) => conversation));
  // Whom we only read, invited into their talk, is listed nowhere; and soon the ledger will not know either.
  const unlisted = [...locations.values()].filter(({ conversation }) => !isListed.has(conversation));
  await tellConversations(ports, forgetting, unlisted, signal);
  const filed = await archive.forgetAuthor(platform, author, beforeMs, signal);
  // A conversation that was told already may have taken some of it out before.
  counts.inArchive = Math.max(counts.inArchive, filed.messages);
  counts.replies = Math.max(counts.replies, filed.replies);
  for (const conversation of filed.conversations)
    if (!locations.has(conversation)) locations.set(conversation, { conversation, platform, place: "" });
  counts.conversations = locations.size;
  await tellConversations(ports, forgetting, [...locations.values()], signal);
  counts.stuck = await untilNoneWaits(ports, forgetting, [...locations.keys()], signal);
  // Only now: a turn that was under way may have been given up meanwhile.
  await dropDeadLetters(ports, [...locations.keys()], signal);
  // What was on its way to the ledger meanwhile.
  await archive.forgetAuthor(platform, author, beforeMs, signal);
  ports.log.info({ ...counts }, "a person was forgotten");
  return counts;
}

async function countIn(
  { memories }: ForgetPorts,
  forgetting: ErasureRequest,
  listed: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts = { conversations: 0, inMemory: 0, summaries: 0, inArchive: 0, replies: 0, stuck: 0 };
  const pause = yielding();
  for (const { conversation } of listed) {
    await pause();
    const { memory } = await memories.read(conversation, signal);
    if (memory === undefined) continue;
    counts.inMemory += memory.messages.filter((message) => isSaidBy(forgetting, message)).length;
    if ((memory.summary?.lines.length ?? 0) > 0) counts.summaries += 1;
  }
  return counts;
}

async function tellConversations(
  ports: ForgetPorts,
  forgetting: ErasureRequest,
  locations: readonly ConversationLocation[],
  signal: AbortSignal,
): Promise<void> {
  const { clock } = ports;
  for (let from = 0; from < locations.length; from += toldAtOnce) {
    const batch = locations.slice(from, from + toldAtOnce);
    for (const location of batch) await tellConversation(ports, forgetting, location, signal);
    const untilMs = clock.nowMs() + batchMs;
    for (const { conversation } of batch) {
      while (clock.nowMs() < untilMs && (await isTelling(ports, forgetting, conversation, signal)))
        await clock.sleep(lookForBatchEveryMs, signal);
    }
  }
}

/** Whether the wish still waits in a conversation's inbox. */
async function isTelling(
  { inbox }: ForgetPorts,
  { id }: ErasureRequest,
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = await inbox.waiting(conversation, signal);
  return waiting.some(({ inbound }) => inbound.kind === "forgot" && inbound.forgetting === id);
}

async function tellConversation(
  { accept }: ForgetPorts,
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

/** A turn that was given up holds what people said, and nobody can say whose it is without reading it. */
async function dropDeadLetters(
  { deadLetters }: ForgetPorts,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<void> {
  const pause = yielding();
  for (const conversation of conversations) {
    await deadLetters.dropOf(conversation, Number.MAX_SAFE_INTEGER, signal);
    await pause();
  }
}

/** What is stuck does not hold up the receipt for ever: its inbox keeps the order. Gives how many conversations are. */
async function untilNoneWaits(
  ports: ForgetPorts,
  forgetting: ErasureRequest,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<number> {
  const { clock, log } = ports;
  const pause = yielding();
  let stuck = 0;
  let sinceMs = clock.nowMs();
  for (const conversation of conversations) {
    const isWaiting = () => isTelling(ports, forgetting, conversation, signal);
    let isDone = !(await isWaiting());
    while (!isDone && clock.nowMs() - sinceMs <= waitMs) {
      await clock.sleep(lookEveryMs, signal);
      isDone = !(await isWaiting());
    }
    if (isDone && stuck === 0) sinceMs = clock.nowMs();
    if (!isDone) stuck += 1;
    await pause();
  }
  if (stuck > 0)
    log.warn(
      { conversations: stuck },
      "conversations have not forgotten a person yet; they will when they go on",
    );
  return stuck;
}
