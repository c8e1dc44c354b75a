import type { ConversationKey } from "../../domain/conversation.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { cutAnswerIn } from "../../domain/cut-answer.ts";
import { isUndescribed, type UndescribedImage } from "../../domain/describe-image.ts";
import { maxImageBytes } from "../../domain/image.ts";
import type { Described } from "../../domain/own-inbounds.ts";
import type { Accept } from "../../ports/accept.ts";
import type { Inbox } from "../../ports/inbox.ts";
import type { Locks } from "../../ports/locks.ts";
import type { Memory } from "../../ports/memory.ts";
import { ModelError, type Model } from "../../ports/model.ts";
import { askWithinLimits } from "../agent/ask-within-limits.ts";
import { FilesOfTurn } from "../files/files-of-turn.ts";
import { readImage } from "../files/read-image.ts";
import type { FilePorts } from "../files/read-file.ts";
import { recordedInbound } from "../inbounds/recorded.ts";
import { currentMessages } from "../memory/chapters.ts";
import { isForModel } from "../memory/remembered-message.ts";
import { AnswerObserver } from "../records/answer-observer.ts";
import { backgroundRecord, type BackgroundPorts } from "../records/turn-record.ts";
import type { SettingsAt, TurnConditions } from "../settings/settings-at.ts";
import type { SpendingPorts } from "../usage/counted-model.ts";
import { LimitError } from "../usage/limits.ts";
import { cleanDescription } from "./clean-description.ts";
import { descriptionPrompt } from "./description-prompt.ts";

const bounds = { maxFiles: 5, maxBytes: maxImageBytes, deadlineMs: 60_000 };
/** For the model, for each image. */
const descriptionMs = 60_000;

export interface DescriptionPorts extends SpendingPorts, BackgroundPorts, FilePorts {
  readonly memories: Memory;
  readonly inbox: Pick<Inbox, "waiting">;
  readonly accept: Accept;
  readonly locks: Locks;
}

interface Image {
  readonly message: RememberedMessage;
  readonly file: UndescribedImage;
}

/** The images of a conversation that are still to be described, oldest first. */
export function undescribedIn(memory: ConversationMemory): readonly Image[] {
  const { since } = memory;
  const withFiles = memory.messages.filter(({ attachments }) => attachments.length > 0);
  return currentMessages({ messages: withFiles, since })
    .filter((message) => message.role === "person" && isForModel(message))
    .flatMap((message) => message.attachments.filter(isUndescribed).map((file) => ({ message, file })));
}

/**
 * Asks the model to describe images that have no description, five at most. Each result is accepted into the inbox, and its
 * turn drops it if the message or the image is gone. An image whose description fails is tried again after the next answers,
 * three times in all; then its name is all that later prompts hold.
 * @throws {MemoryError}, {InboxError}, {StoreError}, or the signal's reason; the next answer then requests it again.
 */
export async function describeImages(
  given: Omit<DescriptionPorts, keyof TurnConditions> & { readonly settingsAt: SettingsAt },
  conversation: ConversationKey,
  signal: AbortSignal,
): Promise<void> {
  await using lock = await given.locks.tryLock(`description:${conversation}`, signal);
  if (lock === undefined) return;
  // Read before memory: a description that no longer waits is in memory.
  const waiting = await given.inbox.waiting(conversation, signal);
  const { memory } = await given.memories.read(conversation, signal);
  if (memory === undefined) return;
  const isWaiting = ({ message, file }: Image): boolean =>
    waiting.some(
      ({ inbound: each }) =>
        each.kind === "described" && each.message === message.id && each.file === file.ref.id,
    );
  const ports = { ...given, ...given.settingsAt(memory) };
  const files = new FilesOfTurn(ports, conversation, bounds, signal);
  try {
    for (const image of undescribedIn(memory).slice(0, bounds.maxFiles)) {
      if (ports.model.seesImages?.() !== true) return;
      if (!isWaiting(image)) await describe(ports, { memory, files, image }, signal);
    }
  } catch (error) {
    // The model was not called. Another day may have descriptions.
    if (!(error instanceof LimitError)) throw error;
  }
}

interface Task {
  readonly memory: ConversationMemory;
  readonly files: FilesOfTurn;
  readonly image: Image;
}

async function describe(ports: DescriptionPorts, task: Task, signal: AbortSignal): Promise<void> {
  const { memory, image } = task;
  const observer = new AnswerObserver(ports);
  const text = await askForDescription(ports, { ...task, observer }, signal);
  // It answered without the image.
  if (ports.model.seesImages?.() !== true) return;
  await ports.accept(describedInbound(memory, image, text), signal);
  const account = observer.account();
  if (account.work === undefined) return;
  const covers = [image.message.id];
  const record = backgroundRecord(ports, memory, { purpose: "description", account, covers });
  await ports.accept(recordedInbound(record), signal);
}

/** Undefined if none resulted. @throws {LimitError}, {StoreError} */
async function askForDescription(
  ports: DescriptionPorts,
  { memory, files, image, observer }: Task & { readonly observer: AnswerObserver },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { message, file } = image;
  const bytes = await readImage(files, message, file);
  if (typeof bytes === "string") {
    ports.log.info({ why: bytes }, "an image can't be read for its description");
    return undefined;
  }
  const tooLong = AbortSignal.timeout(descriptionMs);
  try {
    const prompt = descriptionPrompt(memory, message, { ...file, bytes });
    const either = AbortSignal.any([signal, tooLong]);
    const { text } = await askWithinLimits({ ...ports, model: seeing(observer.model) }, prompt, either);
    return cleanDescription(cutAnswerIn(text)?.written ?? text);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ModelError) && !tooLong.aborted) throw error;
    const kind = error instanceof ModelError ? error.kind : "too late";
    observer.end("failed", kind);
    ports.log.info({ kind }, "model made no description of an image");
    return undefined;
  }
}

/** The model, which fails instead of describing what it is not shown. */
function seeing(model: Model): Model {
  const answer: Model["answer"] = async function* (prompt, signal) {
    for await (const output of model.answer(prompt, signal)) {
      if (output.kind === "unseen") throw new ModelError("rejected", "The model is not shown the image");
      yield output;
    }
  };
  return { ...model, answer };
}

function describedInbound(
  { conversation, platform, place }: ConversationMemory,
  { message, file }: Image,
  text: string | undefined,
): Described {
  const { ref, undescribed = 0 } = file;
  const dedupeId = `described:${conversation}:${message.id}:${ref.id}:${message.revision}:${undescribed}`;
  const of = { message: message.id, file: ref.id };
  const base = { kind: "described", conversation, dedupeId, platform, place, ...of } as const;
  return text === undefined ? base : { ...base, text };
}
