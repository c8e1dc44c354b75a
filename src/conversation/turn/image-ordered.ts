import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { FileStoreError } from "../../ports/file-store.ts";
import { ModelError } from "../../ports/model.ts";
import { makeImage, maxDescriptionChars } from "../images/make-image.ts";
import { orderedImage } from "../images/ordered-image.ts";
import type { StandingAnswer } from "../memory/standing-answer.ts";
import type { AnswerPlan } from "../planning/plan.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import type { AnswerObserver } from "../records/answer-observer.ts";
import { platformFor } from "../reply/platform-for.ts";
import type { ReplyWriter } from "../reply/reply-writer.ts";
import { descriptionTooLong, imageFailed, makingImage, whatToShow } from "../text/image-messages.ts";
import { captionOf } from "../text/made-images.ts";
import { JoinedSignal } from "../../async/joined-signal.ts";
import type { AnswerWatch } from "./ask-agent.ts";
import type { TurnStart } from "./turn-start.ts";
import type { AnswerOfTurn } from "./with-writes.ts";

/** The question of a turn. */
interface Asked {
  readonly start: TurnStart;
  readonly plan: AnswerPlan;
  readonly reply: ReplyWriter;
  readonly watch: AnswerWatch;
  readonly observer: AnswerObserver;
  /** Missing: no answer stands there. */
  readonly standing: StandingAnswer | undefined;
}

/**
 * The image that the question orders by the command. Undefined: it orders none, so the model is asked. A failure is told at
 * once: the person can order it again. @throws {LimitError}, {StoreError}, {PlatformError}, or a signal's reason.
 */
export async function imageOrdered(
  ports: TurnPorts,
  { start, plan, reply, watch, observer, standing }: Asked,
  signal: AbortSignal,
): Promise<AnswerOfTurn | undefined> {
  const { imageMaker } = ports;
  if (imageMaker === undefined) return undefined;
  const question = questionOf(plan, start.remembered.memory.messages);
  if (question === undefined) return undefined;
  const { conversation, platform, place } = start.remembered.memory;
  const addressing = plan.again === undefined ? plan.question.addressing : "mention";
  const botName = platformFor(ports, platform).botNameIn?.(place);
  const prompt = orderedImage(ports.commands, { message: question, addressing }, botName);
  if (prompt === undefined) return undefined;
  if (prompt === "") return notice(whatToShow);
  if (prompt.length > maxDescriptionChars) return notice(descriptionTooLong(maxDescriptionChars));
  using asking = new JoinedSignal(signal, watch.signal);
  // A standing answer is not overwritten before there is a new one.
  if (standing === undefined) await reply.showUnder({ text: "", line: makingImage }, asking.signal);
  reply.showStep({ kind: "image" }, signal);
  const payer = { conversation, platform, place, person: plan.question.message.author.id };
  const { id: turn } = start.turn;
  const order = { payer, prompt, question: question.id, turn, number: 1, turns: 1 };
  try {
    const file = await makeImage({ ...ports, imageMaker }, order, asking.signal);
    reply.throwIfLost();
    return { answer: captionOf([file]), answerRole: "bot", files: [file] };
  } catch (error) {
    asking.signal.throwIfAborted();
    if (!(error instanceof ModelError || error instanceof FileStoreError)) throw error;
    const reference = ports.ids.reference();
    observer.end("failed", error.kind);
    ports.log.error({ err: error, kind: error.kind, reference, turn }, "an image could not be made");
    return notice(imageFailed(error, reference));
  }
}

function notice(answer: string): AnswerOfTurn {
  return { answer, answerRole: "notice" };
}

/** As memory has it by now. */
function questionOf(
  { question, again }: AnswerPlan,
  messages: readonly RememberedMessage[],
): RememberedMessage | undefined {
  const id = again?.message ?? question.message.id;
  return messages.find((each) => each.id === id);
}
