import type { InboxEntry } from "../../domain/inbound.ts";
import type { Delegated } from "../../domain/own-inbounds.ts";
import { coversEntry, type Turn } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { isPersonal } from "../command/personal-command.ts";
import { modeThere } from "../addressing/addressing.ts";
import { givenUp } from "../text/user-messages.ts";
import { writesNote } from "../text/writes-note.ts";
import type { FailedTurn, GiveUpPorts } from "./failed-turn.ts";
import { giveUpAgain, pressedAgainIn } from "./give-up-again.ts";
import { isMemoryUnreachable, isOutage } from "./is-outage.ts";
import { placeholderTurn } from "./placeholder-turn.ts";
import { planTurn } from "../planning/plan-turn.ts";
import { replaceAnswer } from "../memory/reanswer.ts";
import { replyIdOf } from "../memory/append.ts";
import { locationOf } from "../planning/location-of.ts";
import { nextMemory, type Remembered } from "../remembering/next-memory.ts";
import { firstEntryAlone } from "../planning/entries-to-plan.ts";
import { notifyRefused } from "./notify-unanswered.ts";
import { type TurnPorts } from "../planning/turn-ports.ts";
import { ReplyWriter } from "../reply/reply-writer.ts";
import { resolveEditCalls } from "../inbounds/edit-calls.ts";
import { peopleIn } from "../../domain/people-in.ts";
import { addRecord } from "../records/turn-record.ts";
import { recordOfFailed } from "../remembering/record-of-turn.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

/** A turn is given up after this many failed attempts that were no outage. */
export const maxAttempts = 5;

/**
 * Finishes a turn that can't be completed, so that it never blocks its conversation: posts an apology, writes a dead letter,
 * and remembers the message and the apology. People see both in a history; the model doesn't.
 */
export async function deadLetterTurn(
  ports: GiveUpPorts,
  poison: FailedTurn,
  signal: AbortSignal,
): Promise<void> {
  const { lease, waiting, why } = poison;
  const turn = poison.running ?? placeholderTurn(ports, lease, waiting);
  const covered = waiting.filter((entry) => coversEntry(turn, entry));
  const entries = covered.length > 0 ? covered : firstEntryAlone(waiting);
  const reference = ports.ids.reference();
  ports.log.error({ reference, turn: turn.id, why }, "gave up a turn; retry or drop its dead letter");
  const entry = pressedAgainIn(entries);
  if (entry !== undefined) return giveUpAgain(ports, { ...poison, turn, entry, reference }, signal);
  const known = poison.isBare === true ? undefined : await memoryOfFailed(ports, poison, entries, signal);
  const posts =
    poison.isBare === true
      ? []
      : await postApology(ports, { ...poison, turn, entries, reference, answers: known?.said ?? [] }, signal);
  const left = known === undefined ? {} : memoryToKeep(ports, known, { turn, entries, reference, posts });
  const deadLetter = { reference, why };
  const covers = entries.map(({ id }) => id);
  await ports.journal.finish(lease, { ...left, covers, posts, deadLetter }, signal);
}

interface MemoryOfFailed {
  readonly remembered: Remembered;
  readonly said: readonly MessageId[];
}

/**
 * Memory with the messages of the failed turn. Undefined if that is what fails. Tokens are not counted, as prompts leave
 * these messages out.
 */
async function memoryOfFailed(
  ports: Pick<TurnPorts, "model" | "platforms" | "clock" | "log" | "budget" | "replyMode" | "retentionDays">,
  { syncedRevision, before, isFinal }: FailedTurn,
  entries: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<MemoryOfFailed | undefined> {
  const location: ConversationLocation = locationOf(entries);
  try {
    const known = await before();
    const rules = { replyMode: modeThere(ports.replyMode, known), answerWithinMs: 0 };
    const speakers = new Set(peopleIn(known.speakers));
    const plan = planTurn(resolveEditCalls(known, entries), speakers, new Set(), rules);
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
    ports.log.error({ err: error }, "could not remember a turn that was given up");
    return undefined;
  }
}

interface ApologyTarget extends FailedTurn {
  readonly turn: Turn;
  readonly entries: readonly InboxEntry[];
  readonly reference: string;
  /** The messages that memory will know to be answered by it. */
  readonly answers: readonly MessageId[];
}

/** Returns the apology's posts. @throws {PlatformError} while the platform is unreachable. */
async function postApology(
  ports: Pick<TurnPorts, "journal" | "memories" | "platforms" | "commands" | "clock" | "log">,
  { lease, turn, entries, reference, isFinal, answers }: ApologyTarget,
  signal: AbortSignal,
): Promise<readonly PostId[]> {
  const text = givenUp(reference) + writesNote(turn.rounds, true);
  const [first] = entries;
  // Nobody waits for it.
  if (first?.inbound.kind === "joined") return [];
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    // The command itself was for its person alone.
    if (first?.inbound.kind === "delegated" && isPrivate(first.inbound)) {
      await platform.sendPrivately(first.inbound.command.replyTo, [text], signal);
      return [];
    }
    const posts = await new ReplyWriter({ ...ports, platform }, lease, turn, answers).close(text, signal);
    platform.turnFinished?.(turn.replyTo, { turn: turn.id, text, covers: [] });
    return posts;
  } catch (error) {
    const isPassing = error instanceof PlatformError && isFinal === true;
    if ((isOutage(error) && !isPassing) || signal.aborted) throw error;
    // Posting may be what failed in every attempt.
    ports.log.error({ err: error, reference }, "could not post an apology");
    const asked = entries.findLast(({ inbound }) => inbound.kind === "said")?.inbound;
    if (asked?.kind === "said" && error instanceof PlatformError && error.closed !== undefined)
      await notifyRefused(ports, turn.replyTo, { text, message: asked.message.id }, signal);
    return [];
  }
}

/** The others have not seen a question about one message. */
function isPrivate(entry: Delegated): boolean {
  return isPersonal(entry) || entry.command.about !== undefined;
}

function memoryToKeep(
  ports: Pick<TurnPorts, "clock" | "settingsVersion">,
  { remembered: { memory, traces }, said }: MemoryOfFailed,
  {
    turn,
    entries,
    reference,
    posts,
  }: Pick<ApologyTarget, "turn" | "entries" | "reference"> & { readonly posts: readonly PostId[] },
): Partial<Finish> {
  // A command in an empty conversation leaves nothing to remember.
  if (said.length === 0 && memory.nextOrdinal === 1) return {};
  const marked = memory.messages.map((message) =>
    said.includes(message.id) && message.role === "person"
      ? { ...message, isGivenUp: true as const, revision: memory.revision }
      : message,
  );
  const notice = {
    id: replyIdOf(posts, turn.id),
    role: "notice",
    text: givenUp(reference) + writesNote(turn.rounds, true),
    answers: said,
    saidAtMs: ports.clock.nowMs(),
    posts,
    sources: [],
    turnId: turn.id,
  } as const;
  const remembered = replaceAnswer({ ...memory, messages: marked }, notice.id, notice, () => 0);
  const record = recordOfFailed(ports, remembered, { turn, entries, said, replyId: notice.id });
  return {
    ...traces,
    memory: addRecord(remembered, record),
  };
}
