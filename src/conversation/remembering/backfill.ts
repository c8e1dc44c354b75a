import { TimeLimit } from "../../async/time-limit.ts";
import type { Message } from "../../domain/message.ts";
import type { ConversationMemory, PendingBackfill } from "../../domain/conversation-memory.ts";
import { isReaction } from "../../domain/reaction.ts";
import { backfillFailed } from "../text/user-messages.ts";
import { retainedFromMs } from "../memory/retention.ts";
import { limitMessage } from "../text/limit-message.ts";
import { notifyAuthor } from "./notify-author.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { RememberingPlan } from "../planning/plan.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

const maxMessages = 200;
const deadlineMs = 8_000;
const maxTries = 5;

/** The earlier messages, or the record of a failed attempt. */
export type Backfill = { readonly messages: readonly Message[] } | { readonly unseeded: PendingBackfill };

/**
 * Reads what was said before the bot was first called, oldest first, without erased and expired messages. Done once per
 * conversation. After a failure the person is told, and the next calls try again, until a reset. Undefined: not needed.
 */
export async function backfillFor(
  ports: Pick<
    TurnPorts,
    "erasureRequests" | "platforms" | "commands" | "clock" | "ids" | "log" | "replyMode" | "retentionDays"
  >,
  before: ConversationMemory,
  { location, plan }: { readonly location: ConversationLocation; readonly plan: RememberingPlan },
  signal: AbortSignal,
): Promise<Backfill | undefined> {
  const platform = ports.platforms.get(location.platform);
  if (platform?.fetchHistory === undefined || !expectsAnswer(ports, plan)) return undefined;
  const unseeded = pendingBackfillOf(before, plan);
  if (unseeded === undefined) return undefined;
  const { before: first, tries } = unseeded;
  const { conversation } = before;
  const begun = { conversation, place: location.place, ...(first === undefined ? {} : { before: first }) };
  try {
    using limit = new TimeLimit(deadlineMs, signal);
    const messages = await platform.fetchHistory(begun, maxMessages, limit.signal);
    const authors = [...new Set(messages.map(({ author }) => author.id))];
    const marks = await ports.erasureRequests.cutoffs(location.platform, authors, signal);
    const oldestMs = retainedFromMs(ports, ports.clock.nowMs());
    return {
      messages: messages
        .filter(({ author, saidAtMs }) => saidAtMs >= Math.max(oldestMs, marks.get(author.id) ?? 0))
        .map(limitMessage),
    };
  } catch (error) {
    signal.throwIfAborted();
    const reference = ports.ids.reference();
    ports.log.warn(
      { err: error, reference },
      "could not read the earlier messages; the next call tries again",
    );
    if (tries === 0) await notifyAuthor(ports, plan, backfillFailed(reference), signal);
    return { unseeded: { ...unseeded, tries: tries + 1 } };
  }
}

/** The backfill to do now. Undefined: it is done, or not needed. */
function pendingBackfillOf(before: ConversationMemory, plan: RememberingPlan): PendingBackfill | undefined {
  if (before.seededAtMs !== undefined) return undefined;
  if (before.unseeded !== undefined) {
    // Messages from before a reset must not return after it.
    return before.unseeded.tries < maxTries && before.chapter === 1 ? before.unseeded : undefined;
  }
  if (before.nextOrdinal > 1) return undefined;
  const first = plan.said[0]?.id ?? (plan.kind === "command" ? plan.command.message : undefined);
  return { ...(first === undefined ? {} : { before: first }), tries: 0 };
}

/** Whether a plan calls the bot, where it takes part. Only a command about a conversation starts one. */
function expectsAnswer(
  { commands, replyMode }: Pick<TurnPorts, "commands" | "replyMode">,
  plan: RememberingPlan,
): boolean {
  if (plan.kind === "listen" || plan.kind === "changes" || replyMode === "off") return false;
  if (plan.kind !== "command") return true;
  if (isReaction(plan.command)) return false;
  const { scope = "conversation" } = commands.get(plan.command.name)?.definition ?? {};
  return scope === "conversation";
}
