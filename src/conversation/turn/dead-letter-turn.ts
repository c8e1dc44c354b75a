import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { coversEntry, type Lease, type Turn } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import { PlatformError } from "../../ports/platform.ts";
import { givenUp } from "../text/user-messages.ts";
import { isMemoryUnreachable, isOutage } from "./is-outage.ts";
import { placeholderTurn } from "./placeholder-turn.ts";
import { planTurn } from "./plan-turn.ts";
import { replaceAnswer } from "../memory/reanswer.ts";
import { replyIdOf } from "../memory/append.ts";
import { locationOf, nextMemory, type Remembered } from "./next-memory.ts";
import { firstEntryAlone } from "./crash-suspects.ts";
import { notifyRefused } from "./notify-unanswered.ts";
import { type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { resolveEditCalls } from "../inbounds/edit-calls.ts";
import { peopleIn } from "../../domain/people-in.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { PostId } from "../../domain/message.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

/** A turn that failed for a reason of ours this often is given up. */
export const maxAttempts = 5;

/** What can't be finished. */
export interface FailedTurn {
  readonly lease: Lease;
  readonly running: Turn | undefined;
  readonly waiting: readonly InboxEntry[];
  /** See Taken. */
  readonly syncedRevision: number;
  readonly why: string;
  /** Giving up is what failed: nothing is tried any more but to be rid of it. */
  readonly isBare?: boolean;
  /** It has waited for long enough: where the apology can't be shown or remembered now, it never will be. */
  readonly isFinal?: boolean;
  /** What is remembered. @throws {MemoryError} */
  readonly before: () => Promise<ConversationMemory>;
}

/**
 * Closes a turn that can't be finished, so that it never blocks its conversation: an apology, a dead letter, and both
 * the message and the apology in memory, where people see them and the model doesn't.
 */
export async function deadLetterTurn(
  ports: TurnPorts,
  poison: FailedTurn,
  signal: AbortSignal,
): Promise<void> {
  const { lease, waiting, why } = poison;
  const turn = poison.running ?? placeholderTurn(ports, lease, waiting);
  const covered = waiting.filter((entry) => coversEntry(turn, entry));
  const entries = covered.length > 0 ? covered : firstEntryAlone(waiting);
  const reference = ports.ids.reference();
  ports.log.error({ reference, turn: turn.id, why }, "a turn was given up");
  const known = poison.isBare === true ? undefined : await memoryOfFailed(ports, poison, entries, signal);
  const posts =
    poison.isBare === true ? [] : await postApology(ports, { ...poison, turn, entries, reference }, signal);
  const left = known === undefined ? {} : memoryToKeep(ports, known, { turn, reference, posts });
  const deadLetter = { reference, why };
  const covers = entries.map(({ id }) => id);
  await ports.journal.finish(lease, { ...left, covers, posts, deadLetter }, signal);
}

interface MemoryOfFailed {
  readonly remembered: Remembered;
  readonly said: readonly string[];
}

/** With everything that was edited or deleted in it. Undefined: it is what fails. No token is counted: prompts don't hold it. */
async function memoryOfFailed(
  ports: TurnPorts,
  { syncedRevision, before, isFinal }: FailedTurn,
  entries: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<MemoryOfFailed | undefined> {
  const location: ConversationLocation = locationOf(entries);
  try {
    const known = await before();
    const plan = planTurn(resolveEditCalls(known, entries), new Set(peopleIn(known.speakers)), new Set(), 0);
    if (plan.kind === "idle" || plan.kind === "erase") return undefined;
    const model = { ...ports.model, countTokens: () => 0 };
    const start = {
      before: known,
      location,
      plan,
      backfill: undefined,
      syncedRevision: Math.min(syncedRevision, known.revision),
    };
    return { remembered: await nextMemory({ ...ports, model }, start), said: plan.said.map(({ id }) => id) };
  } catch (error) {
    const isAwayForLong = isFinal === true && isMemoryUnreachable(error);
    if ((isOutage(error) && !isAwayForLong) || signal.aborted) throw error;
    ports.log.error({ err: error }, "what was given up could not be remembered");
    return undefined;
  }
}

interface ApologyTarget extends FailedTurn {
  readonly turn: Turn;
  readonly entries: readonly InboxEntry[];
  readonly reference: string;
}

/** @throws {PlatformError} while the platform is away. */
async function postApology(
  ports: TurnPorts,
  { lease, turn, entries, reference, isFinal }: ApologyTarget,
  signal: AbortSignal,
): Promise<readonly PostId[]> {
  const text = givenUp(reference);
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    const posts = await new ReplyWriter({ ...ports, platform }, lease, turn, []).close(text, signal);
    platform.turnFinished?.(turn.replyTo, { turn: turn.id, text, covers: [] });
    return posts;
  } catch (error) {
    const isPassing = error instanceof PlatformError && isFinal === true;
    if ((isOutage(error) && !isPassing) || signal.aborted) throw error;
    // Else perhaps it was the writing that failed all along.
    ports.log.error({ err: error, reference }, "an apology could not be shown");
    const asked = entries.findLast(({ inbound }) => inbound.kind === "said")?.inbound;
    if (asked?.kind === "said" && error instanceof PlatformError && error.closed !== undefined)
      await notifyRefused(ports, turn.replyTo, { text, message: asked.message.id }, signal);
    return [];
  }
}

function memoryToKeep(
  { clock }: TurnPorts,
  { remembered: { memory, traces }, said }: MemoryOfFailed,
  {
    turn,
    reference,
    posts,
  }: { readonly turn: Turn; readonly reference: string; readonly posts: readonly PostId[] },
): Partial<Finish> {
  // What was ordered where nothing is remembered leaves nothing behind.
  if (said.length === 0 && memory.nextOrdinal === 1) return {};
  const marked = memory.messages.map((message) =>
    said.includes(message.id) && message.role === "person"
      ? { ...message, isGivenUp: true as const, revision: memory.revision }
      : message,
  );
  const notice = {
    id: replyIdOf(posts, turn.id),
    role: "notice",
    text: givenUp(reference),
    answers: said,
    saidAtMs: clock.nowMs(),
    posts,
    sources: [],
  } as const;
  return {
    ...traces,
    memory: replaceAnswer({ ...memory, messages: marked }, notice.id, notice, () => 0),
  };
}
