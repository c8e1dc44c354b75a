import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Right } from "../../domain/rights.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { cantWrite, hasRight, unclearRights } from "../command/permission.ts";
import {
  againPressesIn,
  judgeAgain,
  reaskForPress,
  type AgainPress,
  type AskedAgain,
} from "../planning/again-presses.ts";
import type { ClaimedConversation } from "../planning/claimed-conversation.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { platformFor } from "../reply/platform-for.ts";
import { answerIsTooOld, answersAreOff, notYourAnswer } from "../text/again-messages.ts";
import { tellPresser } from "../reply/tell-presser.ts";

/**
 * Turns the presses of Regenerate and Continue into questions to answer again, one for each answer, and removes the presses
 * from the inbox. Returns whether there were any. The question is stored before its press is removed. People whose press
 * can't be followed are told why in private, and pages that show memory are told that nothing comes. Presses under the answer of the running turn wait: it may show its buttons
 * already, and memory does not know them before its finish.
 */
export async function settleAgainPresses(
  ports: TurnPorts,
  { lease, running, waiting }: Pick<ClaimedConversation, "lease" | "running" | "waiting">,
  before: ConversationMemory,
  signal: AbortSignal,
): Promise<boolean> {
  const presses = againPressesIn(waiting).filter(({ inbound: { on } }) => on !== running?.id);
  if (presses.length === 0) return false;
  const asked = waiting.flatMap(({ inbound }) => (inbound.kind === "reasked" ? [inbound] : []));
  let isRefused = false;
  for (const press of presses) {
    const verdict = judgeAgain(before, asked, press);
    if (verdict === "done") continue;
    const refusal =
      verdict === "gone"
        ? answerIsTooOld
        : await refusalOfPress(ports, press, { ...verdict, before }, signal);
    if (refusal !== undefined) {
      isRefused = true;
      await tellPresser(ports, press.inbound.replyTo, refusal, signal);
    } else if (verdict !== "gone") {
      const again = reaskForPress(press, verdict);
      await ports.inbox.accept(again, ports.clock.nowMs(), signal);
      asked.push(again);
    }
  }
  const goesOn = running === undefined ? {} : ({ goesOn: true } as const);
  const covers = presses.map(({ id }) => id);
  await ports.journal.finish(lease, { covers, posts: [], ...goesOn }, signal);
  if (isRefused) ports.platforms.get(before.platform)?.memoryChanged?.(before);
  return true;
}

/** Why the person may not have the answer again. Undefined: they may. A right that can't be checked counts as missing. */
async function refusalOfPress(
  ports: Pick<TurnPorts, "platforms" | "replyMode" | "log">,
  { inbound }: AgainPress,
  { isAsker, before }: AskedAgain & { readonly before: ConversationMemory },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (ports.replyMode === "off") return answersAreOff;
  const needed: readonly Right[] = isAsker ? ["write"] : ["write", "moderate"];
  try {
    const platform = platformFor(ports, inbound.replyTo.platform);
    for (const right of needed) {
      if (await hasRight(platform, { command: inbound, memory: before }, right, signal)) continue;
      return right === "write" ? cantWrite : notYourAnswer;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    ports.log.warn({ err: error }, "could not check a person's rights; their press was refused");
    return unclearRights;
  }
}
