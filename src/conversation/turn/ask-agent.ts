import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import type { Step } from "../../domain/post.ts";
import { citedMessages, type ToolRound } from "../../domain/tool-round.ts";
import type { Interruption } from "../../domain/turn.ts";
import { InterruptedError, type Watch } from "../../ports/turn-scheduler.ts";
import { askForAnswer } from "../agent/ask-for-answer.ts";
import type { Answer } from "../agent/run-agent.ts";
import type { Toolkit } from "../agent/run-call.ts";
import { citeAnswer } from "../recall/cite-answer.ts";
import { standingRounds } from "../recall/standing-rounds.ts";
import { sourceOf } from "../recall/cite-sources.ts";
import type { AnswerObserver } from "../records/answer-observer.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** What the agent is asked. */
interface Asking {
  readonly reply: ReplyWriter;
  /** The memory that the prompt is built from. It ends with the question. */
  readonly memory: ConversationMemory;
  /** The conversation's memory. */
  readonly known: ConversationMemory;
  /** The Author's id of the asker. */
  readonly person: string;
  /** Told what the agent does. */
  readonly observer: AnswerObserver;
}

/**
 * Has the agent answer, and shows the answer while it grows. When an interruption ends it, the text so far is saved in case
 * that the next plan is a Stop. @throws as askForAnswer does.
 */
export async function askAgent(
  ports: TurnPorts,
  { reply, memory, known, person, observer }: Asking,
  watch: Pick<Watch, "signal" | "limitTo">,
  signal: AbortSignal,
): Promise<Answer & { readonly sources: readonly Source[] }> {
  const platform = platformFor(ports, known.platform);
  const asking = AbortSignal.any([signal, watch.signal]);
  const showStep = (step: Step): void => reply.showStep(step, signal);
  const context = { ports: { ...ports, platform }, memory: known, showStep };
  const toolkit: Toolkit = { turn: reply.turn.id, tools: ports.toolBox.for(ports), context };
  let rounds = await usableRounds(ports, reply, known, signal);
  observer.noteRounds(rounds);
  const question = { memory, person, rounds, toolkit };
  let answer: Answer = { text: "" };
  try {
    for await (const event of askForAnswer({ ...ports, platform, model: observer.model }, question, asking)) {
      if (event.kind === "text") reply.grow(event.text, signal);
      else if (event.kind === "loading") reply.showLoading(signal);
      else if (event.kind === "done") answer = event;
      else if (event.kind === "call-finished" || event.write !== undefined) {
        if (event.kind === "call-started") {
          watch.limitTo(isStop);
          asking.throwIfAborted();
        }
        ({ rounds } = event);
        observer.noteRounds(rounds);
        await reply.saveRounds(rounds, signal);
      }
    }
  } catch (error) {
    if (error instanceof InterruptedError && reply.text !== "") {
      const sources = citedMessages(rounds).map(sourceOf);
      const account = observer.account();
      await reply.saveTurn({ draft: reply.text, sources, account }, AbortSignal.timeout(5_000));
    }
    throw error;
  }
  return { ...answer, ...citeAnswer(answer.text, citedMessages(rounds)) };
}

function isStop({ kind }: Interruption): boolean {
  return kind === "stopped";
}

/** The rounds of an earlier attempt, as far as they can still be used. */
async function usableRounds(
  { archive }: Pick<TurnPorts, "archive">,
  reply: ReplyWriter,
  known: ConversationMemory,
  signal: AbortSignal,
): Promise<readonly ToolRound[]> {
  const { rounds = [] } = reply.turn;
  const standing = await standingRounds(archive, known, rounds, signal);
  if (standing !== rounds) await reply.saveRounds(standing, signal);
  return standing;
}
