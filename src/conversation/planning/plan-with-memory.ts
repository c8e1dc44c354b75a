import type { EntryId, Inbound, InboxEntry, Said } from "../../domain/inbound.ts";
import { isMessageChange } from "../../domain/message-change.ts";
import type { Message, TurnId } from "../../domain/message.ts";
import { peopleIn } from "../../domain/people-in.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { coversEntry, isBound, type Turn } from "../../domain/turn.ts";
import { reanswerGivenUp, canReanswer, retractPlaceholder } from "../memory/reanswer.ts";
import { modeThere } from "../addressing/addressing.ts";
import { isImageOrder } from "../images/is-image-order.ts";
import { callsToTell } from "../memory/muting.ts";
import { interruptingNow } from "./interrupting-commands.ts";
import type { AnswerPlan, Plan } from "./plan.ts";
import { planChangesOnly, planTurn } from "./plan-turn.ts";
import { locationOf } from "./location-of.ts";
import type { QuestionRules } from "./questions.ts";
import type { RequestOutlook } from "./request-outlook.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** The waiting entries, and the unfinished turn. */
interface Situation {
  readonly running: Turn | undefined;
  readonly waiting: readonly InboxEntry[];
  /** See RequestOutlook. */
  readonly request: RequestOutlook | undefined;
}

/** Plans the next turn. While an answer waits, edits and deletions are applied at once, so that searches respect them. */
export function planWithMemory(
  ports: Pick<TurnPorts, "platforms" | "commands" | "clock" | "ids" | keyof QuestionRules>,
  situation: Situation,
  before: ConversationMemory,
): Plan {
  const plan = planOf(ports, situation, before);
  const { platform } = locationOf(situation.waiting);
  const isOff = platform !== "" && !ports.platforms.has(platform);
  const { running, request } = situation;
  const isWaiting =
    plan.kind === "answer" &&
    (running?.waitsFor !== undefined ||
      (running !== undefined && plan.again !== undefined) ||
      (running !== undefined && !isBound(running) && (request === "open" || request === "outdated")));
  return (isWaiting || isOff ? planChangesOnly(changeableNow(situation)) : undefined) ?? plan;
}

function planOf(
  ports: Pick<TurnPorts, "platforms" | "commands" | "clock" | "ids" | keyof QuestionRules>,
  situation: Situation,
  before: ConversationMemory,
): Plan {
  const { running, request } = situation;
  const isFixed = running !== undefined && (isBound(running) || request === "open");
  const turnOf = (first: EntryId): TurnId => running?.id ?? ports.ids.turnOf(first);
  // A bound turn, or one that asks a person, must find its question again, even if memory knows more speakers
  // by now, or the reply mode changed.
  const speakers = isFixed ? [] : peopleIn(before.speakers);
  const entries = isFixed ? boundEntries(situation) : (stoppedEntries(situation) ?? situation.waiting);
  const interrupting = interruptingNow(ports, entries, before);
  const { answerWithinMs, replyMode } = ports;
  const rules = {
    answerWithinMs,
    replyMode: modeThere(isFixed ? (running.replyMode ?? "thread") : replyMode, before),
    turnOf,
    isOrder: (said: Said) => isImageOrder(ports, said),
  };
  const plan = planTurn(entries, new Set(speakers), interrupting, rules);
  if (plan.kind === "listen" && plan.muted !== undefined)
    return { ...plan, tell: callsToTell(before, plan.muted, ports.clock.nowMs()) };
  if (plan.kind !== "answer" && plan.kind !== "stop") return plan;
  const { again, covers, changes, said } = plan;
  if (again === undefined) return plan.kind === "answer" ? reuseApology(plan, before) : plan;
  const [first] = entries;
  if (first === undefined || canReanswer(before, again)) return plan;
  const ended = again.action === undefined ? {} : { ended: { again, question: plan.question } };
  const all = [...changes, ...retractPlaceholder(before, again, first)];
  return { kind: "listen", covers, changes: all, said, ...ended };
}

function reuseApology(plan: AnswerPlan, before: ConversationMemory): AnswerPlan {
  const again = reanswerGivenUp(before, plan.question.message.id);
  return again === undefined ? plan : { ...plan, again };
}

/** What a bound turn covers, and the Stop that ends it before its answer. */
function boundEntries({ running, waiting }: Situation): readonly InboxEntry[] {
  const isCovered = (entry: InboxEntry): boolean => running !== undefined && coversEntry(running, entry);
  if (!waiting.some(isCovered)) return waiting;
  const isStop = ({ inbound }: InboxEntry): boolean =>
    running?.answer === undefined && inbound.kind === "stopped";
  return waiting.filter((entry) => isCovered(entry) || isStop(entry));
}

/**
 * Where a Stop names the running turn: what that turn covers, as it reads now. Questions that came since get an answer of
 * their own. Undefined: no Stop does.
 */
function stoppedEntries({ running, waiting }: Situation): readonly InboxEntry[] | undefined {
  const stop = waiting.find(({ inbound }) => inbound.kind === "stopped" && inbound.turn === running?.id);
  if (running === undefined || stop?.inbound.kind !== "stopped" || stop.inbound.turn === undefined)
    return undefined;
  if (waiting.some(({ inbound }) => inbound.kind === "erased")) return undefined;
  const covered = waiting.filter((entry) => coversEntry(running, entry));
  if (covered.length === 0 || covered[0]?.inbound.kind === "reasked") return undefined;
  const messages = new Set(covered.flatMap(({ inbound }) => saidIn(inbound)?.id ?? []));
  return waiting.filter(
    (entry) =>
      entry === stop ||
      covered.includes(entry) ||
      (isMessageChange(entry.inbound) && messages.has(entry.inbound.message)),
  );
}

/** What may be applied while an answer waits. A bound turn still needs its entries as they are: their changes come after it. */
function changeableNow({ running, waiting }: Situation): readonly InboxEntry[] {
  if (running === undefined || !isBound(running)) return waiting;
  const covered = waiting.filter((entry) => coversEntry(running, entry));
  const ids = new Set(
    covered.map(({ inbound }) => (isMessageChange(inbound) ? inbound.message : saidIn(inbound)?.id)),
  );
  return waiting.filter((entry) => {
    const { inbound } = entry;
    if (isMessageChange(inbound) && ids.has(inbound.message)) return false;
    // Under the answer of this turn, which memory does not know yet.
    if (inbound.kind === "pressed" && inbound.on === running.id) return false;
    if (inbound.kind !== "forgot") return !covered.includes(entry);
    return !covered.some((each) => {
      const message = saidIn(each.inbound);
      return message !== undefined && isSaidBy(inbound, message);
    });
  });
}

function saidIn(inbound: Inbound): Message | undefined {
  if (inbound.kind === "edited") return inbound.call?.message;
  return inbound.kind === "said" ? inbound.message : undefined;
}
