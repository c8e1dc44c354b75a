import type { AnswerLimits } from "../../domain/answer-limits.ts";
import type { Budget } from "../../domain/budget.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Preferences } from "../../domain/preferences.ts";
import type { ToolRound } from "../../domain/tool-round.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import { buildPrompt } from "../prompt/build-prompt.ts";
import type { ShownImages } from "../prompt/shown-images.ts";
import { smallerRoom } from "../prompt/retry-with-less-room.ts";
import { conversationZone, personZone } from "../text/time-marks.ts";
import { countedModel, type SpendingPorts } from "../usage/counted-model.ts";
import { runAgent, type AgentEvent } from "./run-agent.ts";
import type { Toolkit } from "./run-call.ts";
import type { ToolPorts } from "./tool.ts";

interface AnswerPorts extends SpendingPorts, Pick<ToolPorts, "platform" | "timeZone"> {
  readonly instructions: string;
  readonly answerLimits: AnswerLimits;
  readonly budget: Budget;
}

/** The question to answer: the last one in memory. */
interface Question {
  readonly memory: ConversationMemory;
  /** The Author's id of the asker. */
  readonly person: string;
  /** See AgentTask. */
  readonly rounds: readonly ToolRound[];
  readonly toolkit: Toolkit;
  /** See PromptParts. */
  readonly goOn?: string | undefined;
  /** See PromptParts. */
  readonly preferences?: Preferences | undefined;
  /** See PromptParts. */
  readonly images?: ShownImages | undefined;
}

/**
 * Has the model answer the last question, within the budget and the daily limits. When the model rejects a prompt as too
 * long, it is asked again with a shorter one and the rounds so far. @throws {LimitError} before a call that would exceed a
 * limit, or as runAgent does.
 */
export async function* askForAnswer(
  ports: AnswerPorts,
  question: Question,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void> {
  signal.throwIfAborted();
  const { memory, rounds: done, toolkit } = question;
  const { budget } = ports;
  const parts = promptParts(ports, question);
  const counted = countedModel(ports, done.length > 0);
  const asked = question.images?.shownTo(counted) ?? counted;
  let rounds = done;
  try {
    for (let room = budget.highTokens; ;) {
      const prompt = await buildPrompt(memory, { ...parts, room });
      try {
        const task = { prompt, rounds, toolkit, limits: ports.answerLimits };
        for await (const event of runAgent(asked, task, signal)) {
          if ("rounds" in event) ({ rounds } = event);
          yield event;
        }
        return;
      } catch (error) {
        room = smallerRoom(budget, room, error);
      }
    }
  } finally {
    // The answer has no place yet. Nothing of it was saved, so it is asked for again from the beginning.
    if (signal.reason instanceof PlatformError) counted.refundTurn();
  }
}

function promptParts(ports: AnswerPorts, { memory, person, toolkit, ...question }: Question) {
  const { instructions, budget, model, platform } = ports;
  const when = {
    nowMs: ports.clock.nowMs(),
    timeZone: conversationZone(memory, ports.timeZone),
    askerZone: personZone(memory, person),
  };
  const { countTokens } = model;
  const botName = platform.botNameIn?.(memory.place);
  const title = platform.titleIn?.(memory.conversation);
  // Tools are part of the prefix that providers reuse, so they are the same in every prompt.
  const tools = toolkit.tools.map(({ definition }) => definition);
  const some = tools.length === 0 ? {} : { tools };
  const { goOn, images, preferences } = question;
  return {
    person,
    instructions,
    budget,
    countTokens,
    botName,
    when,
    goOn,
    images,
    preferences,
    title,
    ...some,
  };
}
