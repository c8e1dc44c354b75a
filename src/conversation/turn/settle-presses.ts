import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import { withRequest } from "../../domain/tool-round.ts";
import type { Turn } from "../../domain/turn.ts";
import {
  answerOf,
  answerPressesIn,
  entriesBefore,
  judgePress,
  type AnswerPress,
  type PressVerdict,
} from "../planning/answer-presses.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import { requestOutlook } from "../planning/request-outlook.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { tellPresser } from "../reply/tell-presser.ts";
import { notYourRequest, requestIsOver } from "../text/approval-messages.ts";

const lines: Readonly<Record<PressVerdict, string | undefined>> = {
  answers: undefined,
  repeats: undefined,
  over: requestIsOver,
  "not-yours": notYourRequest,
};

/**
 * Applies the presses under requests to the running turn, and removes them from the inbox. Returns whether there were any.
 * A press counts if it was accepted before anything that ends the request. The answer is saved before the press is removed;
 * people whose press changed nothing are told so in private.
 */
export async function settlePresses(
  ports: TurnPorts,
  { lease, running, waiting }: Pick<ClaimedConversation, "lease" | "running" | "waiting">,
  before: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean> {
  const presses = answerPressesIn(waiting);
  if (presses.length === 0) return false;
  let turn = running;
  for (const press of presses) {
    const isOpen = isOpenAt(ports, { running: turn, waiting }, press, before);
    const verdict = judgePress(turn, press, isOpen);
    if (verdict === "answers" && turn !== undefined) {
      turn = withAnswer(turn, press);
      await ports.journal.save(lease, turn, signal);
    }
    const line = lines[verdict];
    if (line !== undefined) await tellPresser(ports, press.inbound.replyTo, line, signal);
  }
  const goesOn = turn === undefined ? {} : ({ goesOn: true } as const);
  const covers = presses.map(({ id }) => id);
  await ports.journal.finish(lease, { covers, posts: [], ...goesOn }, signal);
  return true;
}

function withAnswer(turn: Turn, press: AnswerPress): Turn {
  const { rounds = [] } = turn;
  return { ...turn, rounds: withRequest(rounds, press.inbound.on, { answer: answerOf(press) }) };
}

function isOpenAt(
  ports: TurnPorts,
  { running, waiting }: Pick<ClaimedConversation, "running"> & { readonly waiting: readonly InboxEntry[] },
  press: AnswerPress,
  before: ConversationMemory,
): boolean {
  if (running === undefined) return false;
  const earlier = entriesBefore(running, waiting, press);
  return requestOutlook(ports, { running, waiting: earlier }, before) === "open";
}
