import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Answer, AnswerCallbacks } from "./ask-model.ts";
import { buildPrompt } from "../prompt/build-prompt.ts";
import { recallTool } from "../recall/recall-tool.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { conversationZone, personZone } from "../text/time-marks.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { Platform } from "../../ports/platform.ts";
import type { SpendingPorts } from "../usage/counted-model.ts";
import { retryWithLessRoom } from "../prompt/retry-with-less-room.ts";
import type { Budget } from "../../domain/budget.ts";

interface AnswerPorts extends SpendingPorts {
  readonly instructions: string;
  readonly budget: Budget;
  /** For times in prompts, if no speaker's zone is known. */
  readonly timeZone: TimeZone;
  readonly platforms: ReadonlyMap<string, Platform>;
}

/** The question to answer: the last one in memory. */
interface Question {
  readonly memory: ConversationMemory;
  /** The Author's id of the asker. */
  readonly person: string;
  readonly callbacks: AnswerCallbacks;
}

/**
 * Asks the model to answer the last question, within the budget and the daily limits. @throws {LimitError} before any call
 * is made, {ModelError}, {StoreError}, or the signal's reason.
 */
export async function askForAnswer(
  ports: AnswerPorts,
  { memory, person, callbacks }: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const { instructions, budget, model } = ports;
  const { platform } = memory;
  const botName = ports.platforms.get(platform)?.botName;
  const when = {
    nowMs: ports.clock.nowMs(),
    timeZone: conversationZone(memory, ports.timeZone),
    askerZone: personZone(memory, person),
  };
  return retryWithLessRoom(budget, async (room) => {
    // Tools are part of the prefix that providers reuse, so they are the same in every prompt.
    const parts = {
      instructions,
      budget,
      room,
      countTokens: model.countTokens,
      botName,
      when,
      tools: [recallTool],
      person,
    };
    const prompt = await buildPrompt(memory, parts);
    return askWithinLimits(ports, { prompt, callbacks }, signal);
  });
}
