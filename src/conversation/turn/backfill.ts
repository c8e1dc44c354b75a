import type { Message } from "../../domain/message.ts";
import type { ConversationMemory, PendingBackfill } from "../../domain/conversation-memory.ts";
import { backfillFailed } from "../text/user-messages.ts";
import { retainedFromMs } from "../memory/retention.ts";
import { limitMessage } from "../text/limit-message.ts";
import { notifyAuthor } from "./notify-author.ts";
import type { TurnPorts } from "./turn-ports.ts";
import type { RememberingPlan } from "./plan-turn.ts";
import type { ConversationLocation } from "../memory/new-memory.ts";

const maxMessages = 200;
const deadlineMs = 8_000;
const maxTries = 5;

/** What was said before, or that it can't be found out now. */
export type Backfill = { readonly messages: readonly Message[] } | { readonly unseeded: PendingBackfill };

/**
 * What was said before the bot was called into talk that is under way, oldest first; without what its authors want
 * forgotten. Read once in the life of a conversation. Where that fails the asker is told, and it is tried again at the
 * next few calls, until the conversation is reset. Undefined: there is nothing to ask.
 */
export async function backfillFor(
  ports: TurnPorts,
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
    const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const messages = await platform.fetchHistory(begun, maxMessages, within);
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
    ports.log.warn({ err: error, reference }, "could not read what was said before the bot was called");
    if (tries === 0) await notifyAuthor(ports, plan, backfillFailed(reference), signal);
    return { unseeded: { ...unseeded, tries: tries + 1 } };
  }
}

/** What is to be read, for the first time or once more. */
function pendingBackfillOf(before: ConversationMemory, plan: RememberingPlan): PendingBackfill | undefined {
  if (before.seededAtMs !== undefined) return undefined;
  if (before.unseeded !== undefined) {
    // What was said before a reset does not come back after it.
    return before.unseeded.tries < maxTries && before.chapter === 1 ? before.unseeded : undefined;
  }
  if (before.nextOrdinal > 1) return undefined;
  const first = plan.said[0]?.id ?? (plan.kind === "command" ? plan.command.message : undefined);
  return { ...(first === undefined ? {} : { before: first }), tries: 0 };
}

/** Whether the bot is wanted; an order that concerns no conversation begins none. */
function expectsAnswer({ commands }: TurnPorts, plan: RememberingPlan): boolean {
  if (plan.kind === "listen" || plan.kind === "meanwhile") return false;
  return plan.kind !== "command" || commands.get(plan.command.name)?.definition.concerns !== "place";
}
