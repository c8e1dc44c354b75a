import { commandInboxOf, type ConversationKey, type DirectoryEntry } from "../../domain/conversation.ts";
import type { ConversationLocation, ArchivedMessage } from "../../domain/archive.ts";
import type { MessageId } from "../../domain/message.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import type { Confirmations } from "../../ports/confirmations.ts";
import type { DeadLetters } from "../../ports/dead-letters.ts";
import type { Directory } from "../../ports/directory.ts";
import type { ErasureRequest } from "../../ports/erasure-requests.ts";
import type { FileStore } from "../../ports/file-store.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { PreferenceStore } from "../../ports/preferences.ts";
import type { Memory } from "../../ports/memory.ts";
import { eraseKept } from "../command/keep-in-private.ts";
import { sendReceipt, receiptText, type Counts, type ReceiptPorts } from "./send-receipt.ts";
import { enqueueErasures, waitForConversations } from "./erase-through-inboxes.ts";
import { retractDerived, retractLate, type RetractPorts } from "./retract-derived.ts";
import { yielding } from "../../async/yielding.ts";

export interface ErasePorts extends ReceiptPorts, RetractPorts {
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memories: Memory;
  readonly deadLetters: DeadLetters;
  readonly confirmations: Confirmations;
  readonly preferences: Pick<PreferenceStore, "drop">;
  readonly files: FileStore;
}

const holdMs = 120_000;
const maxConversations = 10_000;
/** Messages whose files are erased in one call. */
const filesAtOnce = 100;

/**
 * Carries out the next erasure request that no other replica holds. Each conversation erases through its inbox, in order
 * with everything else; then the archive erases, and the person gets a receipt. Starts over after an interruption.
 * Idempotent. Resolves to whether there was a request. @throws any error of its ports.
 */
export async function eraseNextPerson(ports: ErasePorts, signal: AbortSignal): Promise<boolean> {
  const { erasureRequests, clock } = ports;
  const request = await erasureRequests.claimNext(holdMs, signal);
  if (request === undefined) return false;
  const { id, receipt } = request;
  let due = receipt;
  if (receipt?.owed === undefined) {
    using scope = new DisposableStack();
    scope.use(keepHold(ports, id, signal));
    const platform = ports.platforms.get(request.platform);
    const text = receiptText(await erasePerson(ports, request, signal), platform?.isOurPage === true);
    platform?.personErased?.(request.author);
    if (receipt !== undefined) due = { ...receipt, owed: { text, sinceMs: clock.nowMs() } };
    if (due !== undefined) await erasureRequests.saveReceipt(id, due, signal);
  }
  if (due === undefined) await erasureRequests.markReceiptSent(id, signal);
  else await sendReceipt(ports, request, due, signal);
  return true;
}

/** Keeps other replicas from starting the same request. */
function keepHold({ erasureRequests }: ErasePorts, id: string, signal: AbortSignal): Disposable {
  const timer = setInterval(() => {
    // A store that is away fails the erasure itself.
    erasureRequests.hold(id, holdMs, signal).catch(() => undefined);
  }, holdMs / 4);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function erasePerson(ports: ErasePorts, request: ErasureRequest, signal: AbortSignal): Promise<Counts> {
  const { platform, author, beforeMs } = request;
  const { archive } = ports;
  const listed = await ports.directory.ofAuthor(platform, author, maxConversations, signal);
  const counts = await countMessages(ports, request, listed, signal);
  // From now on, syncing reports messages of this author. Messages synced before are found below.
  await archive.refuseAuthor(platform, author, beforeMs, signal);
  const isTheirs = (message: ArchivedMessage): boolean => isSaidBy(request, message);
  const locations = await locationsOf(ports, request, listed, signal);
  const erasedIds = new Map<ConversationLocation, Parameters<typeof retractLate>[2]>();
  for (const location of locations.values()) {
    const { messages, replies, ids } = await retractDerived(ports, location, isTheirs, signal);
    counts.inArchive += messages;
    counts.replies += replies.length;
    await eraseFilesThere(ports, request, { conversation: location.conversation, replies }, signal);
    erasedIds.set(location, ids);
  }
  await eraseKept(ports.files, request, signal);
  const isListed = new Set(listed.map(({ conversation }) => conversation));
  // Backfilled authors are in no directory, and soon not in the archive either.
  const unlisted = [...locations.values()].filter(({ conversation }) => !isListed.has(conversation));
  await enqueueErasures(ports, request, unlisted, signal);
  const erased = await archive.eraseAuthor(platform, author, beforeMs, signal);
  for (const [location, ids] of erasedIds) await retractLate(ports, location, ids, signal);
  // A conversation that has already erased may have removed some of it from the archive.
  counts.inArchive = Math.max(counts.inArchive, erased.messages);
  counts.replies = Math.max(counts.replies, erased.replies);
  for (const conversation of erased.conversations)
    if (!locations.has(conversation)) locations.set(conversation, { conversation, platform, place: "" });
  counts.conversations = locations.size;
  await enqueueErasures(ports, request, [...locations.values()], signal);
  counts.stuck = await waitForConversations(ports, request, [...locations.keys()], signal);
  // Only now: a turn that was running may have become a dead letter.
  await dropDeadLetters(ports, [...locations.keys(), commandInboxOf(platform, author)], signal);
  await ports.confirmations.drop(platform, author, signal);
  await ports.preferences.drop(platform, author, beforeMs, signal);
  // Catches messages that were being synced during the first pass.
  await archive.eraseAuthor(platform, author, beforeMs, signal);
  ports.log.info({ ...counts }, "erased a person's messages");
  return counts;
}

/** Where the person has written, as the directory and the archive know it. */
async function locationsOf(
  { archive }: Pick<ErasePorts, "archive">,
  { platform, author, beforeMs }: ErasureRequest,
  listed: readonly ConversationLocation[],
  signal: AbortSignal,
): Promise<Map<ConversationKey, ConversationLocation>> {
  const locations = new Map(listed.map((location) => [location.conversation, location]));
  for (const location of await archive.locationsOf(platform, author, beforeMs, signal)) {
    if (!locations.has(location.conversation)) locations.set(location.conversation, location);
  }
  return locations;
}

/**
 * Erases the person's files, and those of replies to them, which the conversation's own sync may not hear of. Before the archive
 * erases these: an interrupted erasure starts over, and finds them there.
 */
async function eraseFilesThere(
  { files }: ErasePorts,
  { author, beforeMs }: ErasureRequest,
  {
    conversation,
    replies,
  }: { readonly conversation: ConversationKey; readonly replies: readonly MessageId[] },
  signal: AbortSignal,
): Promise<void> {
  const ofAuthor = { revision: 0, kind: "author", author, beforeOrdinal: 1, beforeMs } as const;
  await files.erase(conversation, [ofAuthor], signal);
  for (let from = 0; from < replies.length; from += filesAtOnce) {
    const some = replies.slice(from, from + filesAtOnce);
    const erasures = some.map((message) => ({ revision: 0, kind: "message", message }) as const);
    await files.erase(conversation, erasures, signal);
  }
}

async function countMessages(
  { memories }: ErasePorts,
  request: ErasureRequest,
  listed: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts = { conversations: 0, inMemory: 0, summaries: 0, inArchive: 0, replies: 0, stuck: 0 };
  const pause = yielding();
  for (const { conversation } of listed) {
    await pause();
    const { memory } = await memories.read(conversation, signal);
    if (memory === undefined) continue;
    counts.inMemory += memory.messages.filter((message) => isSaidBy(request, message)).length;
    if ((memory.summary?.lines.length ?? 0) > 0) counts.summaries += 1;
  }
  return counts;
}

/** A dead letter holds messages, and only reading it would show whose. */
async function dropDeadLetters(
  { deadLetters }: ErasePorts,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<void> {
  const pause = yielding();
  for (const conversation of conversations) {
    await deadLetters.dropConversation(conversation, Number.MAX_SAFE_INTEGER, signal);
    await pause();
  }
}
