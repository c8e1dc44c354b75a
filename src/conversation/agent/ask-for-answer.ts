import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Answer, AnswerCallbacks } from "./ask-model.ts";
import { buildPrompt } from "../prompt/build-prompt.ts";
import { recallTool } from "../recall/recall-tool.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { conversationZone, personZone } from "../text/time-marks.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { Platform } from "../../ports/platform.ts";
import type { SpendingPorts } from "../usage/counted-model.ts";
import type { Budget } from "../memory/budget.ts";
import { retryWithLessRoom } from "../prompt/retry-with-less-room.ts";

interface AnswerPorts extends SpendingPorts {
  readonly instructions: string;
  readonly budget: Budget;
  /** Of the times in prompts, where no platform tells another. */
  readonly timeZone: TimeZone;
  readonly platforms: ReadonlyMap<string, Platform>;
}

/** What an answer is asked for with. */
interface Question {
  readonly memory: ConversationMemory;
  /** The Author's id of the asker. */
  readonly person: string;
  readonly asking: AnswerCallbacks;
}

/**
 * Asks for the answer to what was said last, within the budget and the limits of the day.
 * @throws {LimitError} and then nothing was asked, {ModelError}, {StoreError}, or the signal's reason.
 */
export async function askForAnswer(
  ports: AnswerPorts,
  { memory, person, asking }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const { instructions, budget, model } = ports;
  const { conversation, platform, place } = memory;
  const payer = { conversation, platform, place, person };
  const botName = ports.platforms.get(platform)?.botName;
  const when = {
    nowMs: ports.clock.nowMs(),
    timeZone: conversationZone(memory, ports.timeZone),
    askerZone: personZone(memory, person),
  };
  return retryWithLessRoom(budget, async (room) => {
    // The tools are the same in every prompt: they stand before everything that providers bill cheaper when repeated.
    const parts = {
      instructions,
      budget,
      room,
      countTokens: model.countTokens,
      botName,
      when,
      tools: [recallTool],
    };
    const prompt = await buildPrompt(memory, parts);
    return askWithinLimits(ports, payer, { prompt, asking }, signal);
  });
}
