import { JoinedSignal } from "../../async/joined-signal.ts";
import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Preferences } from "../../domain/preferences.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { Step } from "../../domain/post.ts";
import { citedMessages, type ToolRound } from "../../domain/tool-round.ts";
import { InterruptedError } from "../../ports/turn-scheduler.ts";
import { askForAnswer } from "../agent/ask-for-answer.ts";
import type { Answer } from "../agent/run-agent.ts";
import type { Toolkit } from "../agent/run-call.ts";
import type { ShownImages } from "../prompt/shown-images.ts";
import { conversationZone } from "../text/time-marks.ts";
import { citeAnswer } from "../recall/cite-answer.ts";
import { standingRounds } from "../recall/standing-rounds.ts";
import { sourceOf } from "../recall/cite-sources.ts";
import type { AnswerObserver } from "../records/answer-observer.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { endRequest, requestApproval } from "./request-approval.ts";

/** What the agent is asked. */
interface Asking {
  readonly reply: ReplyWriter;
  /** The memory that the prompt is built from. It ends with the question. */
  readonly memory: ConversationMemory;
  /** The conversation's memory. */
  readonly known: ConversationMemory;
  /** See PromptParts. */
  readonly goOn?: string | undefined;
  /** See PromptParts. */
  readonly preferences?: Preferences | undefined;
  /** See PromptParts. */
  readonly images: ShownImages;
  /** The Author's id of the asker. */
  readonly person: string;
  readonly question: MessageId;
  /** The asker is an app, which can't approve calls. */
  readonly isAskedByApp: boolean;
  /** Told what the agent does. */
  readonly observer: AnswerObserver;
}

/** What may interrupt an answer. */
export interface AnswerWatch {
  /** Aborts with an InterruptedError. */
  readonly signal: AbortSignal;
  /** From now on, only Stop does. */
  readonly limitToStop: () => void;
}

/**
 * Has the agent answer, and shows the answer while it grows. When an interruption ends it, the text so far and its cost
 * are saved in case that the next plan is a Stop. @throws as askForAnswer does.
 */
export async function askAgent(
  ports: TurnPorts,
  question: Asking,
  watch: AnswerWatch,
  signal: AbortSignal,
): Promise<Answer & { readonly sources: readonly Source[] }> {
  const { reply, known, observer } = question;
  const answering = { ...ports, platform: platformFor(ports, known.platform), model: observer.model };
  using asking = askingFor(reply, signal, watch.signal);
  let rounds = await usableRounds(ports, question, signal);
  await endRequest(ports, reply, rounds, signal);
  const asked = { ...question, rounds, toolkit: toolkitFor(ports, question, signal) };
  let answer: Answer = { text: "" };
  try {
    for await (const event of askForAnswer(answering, asked, asking.signal)) {
      await reply.opened;
      if (event.kind === "text") reply.grow(event.text, signal);
      else if (event.kind === "loading") reply.showLoading(signal);
      else if (event.kind === "done") answer = event;
      else if (event.kind === "needs-approval") {
        asking.signal.throwIfAborted();
        ({ rounds } = event);
        observer.noteRounds(rounds);
        await requestApproval(ports, reply, { ...event, account: observer.account() }, signal);
      } else if (event.kind === "call-finished" || event.write !== undefined) {
        if (event.kind === "call-started") {
          watch.limitToStop();
          asking.signal.throwIfAborted();
        }
        ({ rounds } = event);
        observer.noteRounds(rounds);
        await reply.saveRounds(rounds, signal);
      }
    }
  } catch (error) {
    if (error instanceof InterruptedError) await saveDraft(question, rounds);
    throw error;
  }
  return { ...answer, ...citeAnswer(answer.text, citedMessages(rounds), zoneOf(ports, question)) };
}

function zoneOf({ timeZone }: Pick<TurnPorts, "timeZone">, { known }: Pick<Asking, "known">): TimeZone {
  return conversationZone(known, timeZone);
}

/** The model is asked while the first post is being created. If that fails, its answer has no place. */
function askingFor(reply: ReplyWriter, ...signals: readonly AbortSignal[]): JoinedSignal {
  const asking = new JoinedSignal(...signals);
  reply.opened.catch((error: unknown) => asking.abort(error));
  return asking;
}

function toolkitFor(
  ports: TurnPorts,
  { reply, known, person, question, isAskedByApp }: Asking,
  signal: AbortSignal,
): Toolkit {
  const platform = platformFor(ports, known.platform);
  const { conversation, place } = known;
  const payer = { conversation, platform: known.platform, place, person };
  const turn = { turn: reply.turn.id, question, payer };
  const showStep = (step: Step): void => reply.showStep(step, signal);
  return {
    turn: reply.turn.id,
    ...(isAskedByApp ? {} : { person }),
    requestId: ports.ids.name,
    tools: ports.toolBox.for(ports),
    context: { ports: { ...ports, platform }, memory: known, ...turn, showStep },
  };
}

/** Without a text there is no draft, only what the model has cost. A first post that failed is left to the next attempt. */
async function saveDraft({ reply, observer }: Asking, rounds: readonly ToolRound[]): Promise<void> {
  const account = observer.account();
  if (account.work === undefined) return;
  const drafted =
    reply.text === "" ? {} : { draft: reply.text, sources: citedMessages(rounds).map(sourceOf) };
  await reply.settle();
  await reply.saveTurn({ ...drafted, account }, AbortSignal.timeout(5_000));
}

/** The rounds of an earlier attempt, as far as they can still be used. */
async function usableRounds(
  { archive }: Pick<TurnPorts, "archive">,
  { reply, known, observer }: Asking,
  signal: AbortSignal,
): Promise<readonly ToolRound[]> {
  const { rounds = [] } = reply.turn;
  const standing = await standingRounds(archive, known, rounds, signal);
  if (standing !== rounds) await reply.saveRounds(standing, signal);
  observer.noteRounds(standing);
  return standing;
}
