import type { Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import type { Delegated } from "../../domain/own-inbounds.ts";
import { coversEntry, type Turn } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { isPersonal } from "../command/personal-command.ts";
import { isReaction } from "../../domain/reaction.ts";
import { modeThere } from "../addressing/addressing.ts";
import { isImageOrder } from "../images/is-image-order.ts";
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
      : await postApology(ports, { ...poison, turn, entries, reference, known }, signal);
  const left = known === undefined ? {} : memoryToKeep(ports, known, { turn, entries, reference, posts });
  const deadLetter = { reference, why };
  const covers = entries.map(({ id }) => id);
  await ports.journal.finish(lease, { ...left, covers, posts, deadLetter }, signal);
}

interface MemoryOfFailed {
  readonly remembered: Remembered;
  readonly said: readonly MessageId[];
  /** The bot is muted, and was given no command: it says nothing. */
  readonly isSilent: boolean;
}

/**
 * Memory with the messages of the failed turn. Undefined if that is what fails. Tokens are not counted, as prompts leave
 * these messages out.
 */
async function memoryOfFailed(
  ports: GiveUpPorts,
  { syncedRevision, before, isFinal }: FailedTurn,
  entries: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<MemoryOfFailed | undefined> {
  const location: ConversationLocation = locationOf(entries);
  try {
    const known = await before();
    const replyMode = modeThere(ports.replyMode, known);
    const rules = { replyMode, answerWithinMs: 0, isOrder: (said: Said) => isImageOrder(ports, said) };
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
    const isSilent = replyMode === "muted" && plan.kind === "listen";
    const said = plan.said.map(({ id }) => id);
    return { remembered: await nextMemory({ ...ports, model }, start), said, isSilent };
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
  /** Missing: memory can't be read. */
  readonly known: MemoryOfFailed | undefined;
}

/** Returns the apology's posts. @throws {PlatformError} while the platform is unreachable. */
async function postApology(
  ports: Pick<TurnPorts, "journal" | "memories" | "platforms" | "commands" | "clock" | "log">,
  target: ApologyTarget,
  signal: AbortSignal,
): Promise<readonly PostId[]> {
  const { lease, turn, entries, reference, isFinal, known } = target;
  const text = givenUp(reference) + writesNote(turn.rounds, true);
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    // Memory will know these messages to be answered by it.
    const { said: answers = [], isSilent = false } = known ?? {};
    const end = { turn: turn.id, text: isSilent ? "" : text, covers: isSilent ? answers : [] };
    if (isSilent) platform.turnFinished?.(turn.replyTo, end);
    if (isSilent || (await apologizeAlone(ports, entries[0]?.inbound, text, signal))) return [];
    const posts = await new ReplyWriter({ ...ports, platform }, lease, turn, answers).close(text, signal);
    platform.turnFinished?.(turn.replyTo, end);
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

/** Apologizes to the person alone for what others have not seen. False: others have. @throws {PlatformError} */
async function apologizeAlone(
  ports: Pick<TurnPorts, "platforms" | "clock" | "log">,
  failed: Inbound | undefined,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (failed?.kind === "delegated" && isPrivate(failed)) {
    const { replyTo } = failed.command;
    await platformFor(ports, replyTo.platform).sendPrivately(replyTo, [text], signal);
    return true;
  }
  if (isReaction(failed)) {
    // Where all reactions were removed, no person is known.
    if (failed.ofEveryone === undefined)
      await notifyRefused(ports, failed.replyTo, { text, message: failed.reactedTo }, signal);
    return true;
  }
  // Nobody waits for it.
  return failed?.kind === "joined";
}

/** The others have not seen a question about one message. */
function isPrivate(entry: Delegated): boolean {
  return isPersonal(entry) || entry.command.about !== undefined;
}

function memoryToKeep(
  ports: Pick<TurnPorts, "clock" | "settingsVersion">,
  { remembered: { memory, traces }, said, isSilent }: MemoryOfFailed,
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
  const left = { ...memory, messages: marked };
  const isUnposted = isSilent || isReaction(entries[0]?.inbound);
  const remembered = isUnposted ? left : replaceAnswer(left, notice.id, notice, () => 0);
  const replyId = isUnposted ? undefined : notice.id;
  const record = recordOfFailed(ports, remembered, { turn, entries, said, replyId });
  return {
    ...traces,
    memory: addRecord(remembered, record),
  };
}
