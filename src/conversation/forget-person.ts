import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { LedgerHome, LedgerMessage } from "../domain/ledger.ts";
import { isSaidBy } from "../domain/said-by.ts";
import type { Accept } from "../ports/accept.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeadLetters } from "../ports/dead-letters.ts";
import type { Directory } from "../ports/directory.ts";
import type { Forgetting, Forgettings } from "../ports/forgettings.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import type { Platform } from "../ports/platform.ts";
import { retractWhatRestsOn } from "./retract-author.ts";
import { withRetries } from "./with-retries.ts";
import { yielding } from "./yielding.ts";

export interface ForgetPorts {
  readonly accept: Accept;
  readonly directory: Directory;
  readonly inbox: Inbox;
  readonly memory: Memory;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
  readonly forgettings: Forgettings;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  readonly log: Log;
}

const heldMs = 120_000;
const mostConversations = 10_000;
const waitMs = 60_000;
const lookEveryMs = 200;
/** It holds no turn up. */
const receiptPatienceMs = 60_000;

interface Counts {
  conversations: number;
  inMemory: number;
  summaries: number;
  inLedger: number;
  replies: number;
}

/**
 * Carries out the next wish to be forgotten that nobody else is at: in each conversation through its inbox, so in order
 * with everything else, then in the ledger; then the receipt. Done again from the beginning when it was interrupted:
 * twice the same changes nothing. Resolves to whether there was one. @throws whatever its ports throw.
 */
export async function forgetNext(ports: ForgetPorts, signal: AbortSignal): Promise<boolean> {
  const forgetting = await ports.forgettings.next(heldMs, signal);
  if (forgetting === undefined) return false;
  const { platform, author, beforeMs } = forgetting;
  const listed = await ports.directory.ofAuthor(platform, author, mostConversations, signal);
  const counts = await countIn(ports, forgetting, listed, signal);
  // What is filed from now on is told to whoever files it; what was filed before is found below.
  await ports.ledger.refuseAuthor(platform, author, beforeMs, signal);
  const isTheirs = (message: LedgerMessage): boolean => isSaidBy(forgetting, message);
  const homes = new Map<ConversationKey, LedgerHome>(listed.map((home) => [home.conversation, home]));
  for (const home of await ports.ledger.homesOf(platform, author, beforeMs, signal)) {
    if (!homes.has(home.conversation)) homes.set(home.conversation, home);
  }
  for (const home of homes.values()) await retractWhatRestsOn(ports, home, isTheirs, signal);
  const isListed = new Set(listed.map(({ conversation }) => conversation));
  // Whom we only read, invited into their talk, is listed nowhere; and soon the ledger will not know either.
  for (const home of homes.values())
    if (!isListed.has(home.conversation)) await tellConversation(ports, forgetting, home, signal);
  const filed = await ports.ledger.forgetAuthor(platform, author, beforeMs, signal);
  counts.inLedger += filed.messages;
  counts.replies += filed.replies;
  for (const conversation of filed.conversations)
    if (!homes.has(conversation)) homes.set(conversation, { conversation, platform, place: "" });
  counts.conversations = homes.size;
  for (const home of homes.values()) await tellConversation(ports, forgetting, home, signal);
  await untilNoneWaits(ports, forgetting, [...homes.keys()], signal);
  // Only now: a turn that was under way may have been given up meanwhile.
  await dropDeadLetters(ports, [...homes.keys()], signal);
  // What was on its way to the ledger meanwhile.
  const late = await ports.ledger.forgetAuthor(platform, author, beforeMs, signal);
  counts.inLedger += late.messages;
  await giveReceipt(ports, forgetting, counts, signal);
  await ports.forgettings.settle(forgetting.id, signal);
  ports.log.info({ ...counts }, "a person was forgotten");
  return true;
}

async function countIn(
  { memory }: ForgetPorts,
  forgetting: Forgetting,
  listed: readonly DirectoryEntry[],
  signal: AbortSignal,
): Promise<Counts> {
  const counts: Counts = { conversations: 0, inMemory: 0, summaries: 0, inLedger: 0, replies: 0 };
  for (const { conversation } of listed) {
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

/** A conversation that is stuck does not hold up the receipt for ever: its inbox keeps the order. */
async function untilNoneWaits(
  { inbox, clock, log }: ForgetPorts,
  { id }: Forgetting,
  conversations: readonly ConversationKey[],
  signal: AbortSignal,
): Promise<void> {
  const startedAtMs = clock.nowMs();
  for (const conversation of conversations) {
    const isWaiting = async (): Promise<boolean> =>
      (await inbox.waiting(conversation, signal)).some(
        ({ inbound }) => inbound.kind === "forgot" && inbound.forgetting === id,
      );
    while (await isWaiting()) {
      if (clock.nowMs() - startedAtMs > waitMs) {
        log.warn({}, "a conversation has not forgotten a person yet; it will when it goes on");
        return;
      }
      await clock.sleep(lookEveryMs, signal);
    }
  }
}

async function giveReceipt(
  { platforms, clock, log }: ForgetPorts,
  { platform, receipt }: Forgetting,
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  if (receipt === undefined) return;
  const text = [
    `Done. I have forgotten what you said, in ${counts.conversations} conversations:`,
    `- working memory: ${counts.inMemory} messages`,
    `- archive and its search: ${counts.inLedger} messages, and ${counts.replies} answers of mine to them`,
    `- summaries: ${counts.summaries} are made anew without you`,
    "It is not brought back when I read older messages again. What stands in the chat itself is not mine to delete.",
  ].join("\n");
  try {
    await withRetries(
      clock,
      signal,
      async () => platforms.get(platform)?.tell(receipt.replyTo, [text], signal),
      receiptPatienceMs,
    );
  } catch (error) {
    signal.throwIfAborted();
    log.error({ err: error }, "a receipt for forgetting could not be given");
  }
}
