import type { InboxEntry, Said } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { peopleIn } from "../../domain/people-in.ts";
import { isReaction } from "../../domain/reaction.ts";
import { coversEntry, isBound, requestOf, type Turn } from "../../domain/turn.ts";
import { rulesOf } from "../inbounds/registry.ts";
import { modeThere } from "../addressing/addressing.ts";
import { isImageOrder } from "../images/is-image-order.ts";
import { interruptingNow } from "./interrupting-commands.ts";
import { planTurn } from "./plan-turn.ts";
import type { AnsweringRules, QuestionRules } from "./questions.ts";
import { stopsAnswer } from "./stops-answer.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * What becomes of the request of a running turn. `open`: it waits on. `withdrawn`: the turn goes on without its approval.
 * `outdated`: what it was made from has changed, so the question is asked again. `interrupted`: the turn ends, or becomes
 * another one. Undefined: there is no open request.
 */
export type RequestOutlook = "open" | "withdrawn" | "outdated" | "interrupted";

/** With more entries there may be no room left for a press in what one turn reads of the inbox. */
const mostWaiting = 150;

/** What the entries behind a waiting turn do to its request. Pure; linear in the entries. */
export function requestOutlook(
  ports: Pick<TurnPorts, "platforms" | "commands" | "clock" | keyof QuestionRules>,
  { running, waiting }: { readonly running: Turn | undefined; readonly waiting: readonly InboxEntry[] },
  before: ConversationMemory,
): RequestOutlook | undefined {
  if (running === undefined || requestOf(running) === undefined) return undefined;
  const covered = waiting.filter((entry) => coversEntry(running, entry));
  const behind = waiting.filter((entry) => !coversEntry(running, entry));
  const said = covered.flatMap(({ inbound }) => (inbound.kind === "said" ? [inbound.message] : []));
  const isFixed = isBound(running);
  const interrupting = interruptingNow(ports, waiting, before);
  const interruptions = behind
    .flatMap(({ inbound }) => rulesOf(inbound).interrupts?.(inbound, interrupting) ?? [])
    .filter((each) => each.kind !== "stopped" || stopsAnswer(each, { turn: running.id, said }));
  if (interruptions.some(({ kind }) => kind === "stopped")) return "interrupted";
  const isLost = !isFixed && covered.length < running.covers.length;
  if (isLost || behind.some(({ inbound }) => rulesOf(inbound).outdatesRequest?.(inbound) === true))
    return isFixed ? "withdrawn" : "outdated";
  if (!isFixed && interruptions.some(({ kind }) => kind === "command")) return "interrupted";
  const speakers = new Set([...peopleIn(before.speakers), ...authorsOf(covered)]);
  const isCrowded = behind.length > 0 && waiting.length > mostWaiting;
  const replyMode = modeThere(ports.replyMode, before);
  const { answerWithinMs } = ports;
  const rules = { answerWithinMs, replyMode, isOrder: (order: Said) => isImageOrder(ports, order) };
  const isCalled = interruptions.length > 0 || callForTurn(rules, behind, speakers);
  return isCrowded || isCalled ? "withdrawn" : "open";
}

function authorsOf(entries: readonly InboxEntry[]): readonly string[] {
  return entries.flatMap(({ inbound }) =>
    inbound.kind === "said" && inbound.message.author.isApp !== true ? [inbound.message.author.id] : [],
  );
}

/** Whether a person waits for a turn of their own. */
function callForTurn(
  rules: AnsweringRules,
  behind: readonly InboxEntry[],
  speakers: ReadonlySet<string>,
): boolean {
  // A person who reacts waits for nothing. What mutes the bot can wait, too: until then it says nothing else.
  const calls = behind.filter(({ inbound }) => !isReaction(inbound));
  if (calls.some(({ inbound: { kind } }) => kind === "commanded" || kind === "reasked")) return true;
  const { kind } = planTurn(calls, speakers, new Set(), rules);
  return kind === "answer" || kind === "late";
}
