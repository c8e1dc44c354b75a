import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { LedgerHome, LedgerMessage } from "../domain/ledger.ts";
import { isSaidBy } from "../domain/said-by.ts";
import type { Accept } from "../ports/accept.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { Directory } from "../ports/directory.ts";
import type { Forgetting } from "../ports/forgettings.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Memory } from "../ports/memory.ts";
import { giveReceipt, receiptText, type Counts, type ReceiptPorts } from "./give-receipt.ts";
import { retractWhatRestsOn } from "./retract-author.ts";
import { yielding } from "./yielding.ts";

export interface ForgetPorts extends ReceiptPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memory: Memory;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
}

const heldMs = 120_000;
const mostConversations = 10_000;
/** After so long without any conversation that has forgotten, the rest is taken for stuck. */
const waitMs = 60_000;
const lookEveryMs = 200;

/**
 * Carries out the next wish to be forgotten that nobody else is at: in each conversation through its inbox, so in order
 * with everything else, then in the ledger; then the receipt. Done again from the beginning when it was interrupted:
 * twice the same changes nothing. Resolves to whether there was one. @throws whatever its ports throw.
 */
export async function forgetNext(ports: ForgetPorts, signal: AbortSignal): Promise<boolean> {
  const { forgettings, clock } = ports;
  const forgetting = await forgettings.next(heldMs, signal);
  if (forgetting === undefined) return false;
  const { id, receipt } = forgetting;
  let owing = receipt;
  if (receipt?.owed === undefined) {
    using holding = new DisposableStack();
    holding.use(heldOn(ports, id, signal));
    const text = receiptText(await forgetPerson(ports, forgetting, signal));
    if (receipt !== undefined) owing = { ...receipt, owed: { text, sinceMs: clock.nowMs() } };
    if (owing !== undefined) await forgettings.owe(id, owing, signal);
  }
  if (owing === undefined) await forgettings.settle(id, signal);
  else await giveReceipt(ports, forgetting, owing, signal);
  return true;
}

/** However long it takes, no other caller begins the same. */
function heldOn({ forgettings }: ForgetPorts, id: string, signal: AbortSignal): Disposable {
  const timer = setInterval(() => {
    // What is done in between notices a store that is away.
    forgettings.hold(id, heldMs, signal).catch(() => undefined);
  }, heldMs / 4);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function forgetPerson(
  ports: ForgetPorts,
  forgetting: Forgetting,
  signal: AbortSignal,
): Promise<Counts> {
  const { platform, author, beforeMs } = forgetting;
  const { ledger } = ports;
  const listed = await ports.directory.ofAuthor(platform, author, mostConversations, signal);
  const counts = await countIn(ports, forgetting, listed, signal);
  // What is filed from now on is told to whoever files it; what was filed before is found below.
  await ledger.refuseAuthor(platform, author, beforeMs, signal);
  const isTheirs = (message: LedgerMessage): boolean => isSaidBy(forgetting, message);
  const homes = new Map<ConversationKey, LedgerHome>(listed.map((home) => [home.conversation, home]));
  for (const home of await ledger.homesOf(platform, author, beforeMs, signal)) {
    if (!homes.has(home.conversation)) homes.set(home.conversation, home);
  }
  for (const home of homes.values()) {
    const { messages, replies } = await retractWhatRestsOn(ports, home, isTheirs, signal);
    counts.inLedger += messages;
    counts.replies += replies;
  }
  const isListed = new Set(listed.map(({ conversation }) => conversation));
  // Whom we only read, invited into their talk, is listed nowhere; and soon the ledger will not know either.
  for (const home of homes.values())
    if (!isListed.has(home.conversation)) await tellConversation(ports, forgetting, home, signal);
  const filed = await ledger.forgetAuthor(platform, author, beforeMs, signal);
  // A conversation that was told already may have taken some of it out before.
  counts.inLedger = Math.max(counts.inLedger, filed.messages);
  counts.replies = Math.max(counts.replies, filed.replies);
  for (const conversation of filed.conversations)
    if (!homes.has(conversation)) homes.set(conversation, { conversation, platform, place: "" });
  counts.conversations = homes.size;
  for (const home of homes.values()) await tellConversation(ports, forgetting, home, signal);
  counts.stuck = await untilNoneWaits(ports, forgetting, [...homes.keys()], signal);
  // Only now: a turn that was under way may have been given up meanwhile.
  await dropDeadLetters(ports, [...homes.keys()], signal);
  // What was on its way to the ledger meanwhile.
  await ledger.forgetAuthor(platform, author, beforeMs, signal);
  ports.log.info({ ...counts }, "a person was forgotten");
  return counts;
}

async function countIn(
  { memory }: ForgetPorts,
  forgetting: Forgetting,
  listed: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts = { conversations: 0, inMemory: 0, summaries: 0, inLedger: 0, replies: 0, stuck: 0 };
  const pause = yielding();
  for (const { conversation } of listed) {
    await pause();
    const { recollection } = await memory.recall(conversation, signal);
    if (recollection === undefined) continue;
    counts.inMemory += recollection.messages.filter((message) => isSaidBy(forgetting, message)).length;
    if ((recollection.summary?.lines.length ?? 0) > 0) counts.summaries += 1;
  }
  return counts;
}

async function tellConversation(
  { accept }: ForgetPorts,
  { id, platform, author, beforeMs }: Forgetting,
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
  { inbox, clock, log }: ForgetPorts,
  { id }: Forgetting,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<number> {
  const pause = yielding();
  let stuck = 0;
  let sinceMs = clock.nowMs();
  for (const conversation of conversations) {
    const isWaiting = async (): Promise<boolean> =>
      (await inbox.waiting(conversation, signal)).some(
        ({ inbound }) => inbound.kind === "forgot" && inbound.forgetting === id,
      );
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
