import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { maxImageBytes } from "../../domain/image.ts";
import { FilesOfTurn } from "../files/files-of-turn.ts";
import { isImage, readImage } from "../files/read-image.ts";
import { isForModel } from "../memory/remembered-message.ts";
import { windowOf } from "../memory/window.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";
import { ShownImages, type ReadImage } from "../prompt/shown-images.ts";

const bounds = { maxFiles: 5, maxBytes: maxImageBytes, deadlineMs: 20_000 };
const maxTotalBytes = 15 * 1_024 * 1_024;

interface Asked {
  /** The memory that the prompt is built from. */
  readonly memory: ConversationMemory;
  /** The questions, with the messages that they reply to or quote. */
  readonly asked: readonly RememberedMessage[];
}

/**
 * Reads the images that an answer is to see: those of its questions and of what they quote, then those of other messages that
 * no answer has seen, the newest first. A model without sight is told their names.
 */
export async function readImages(
  ports: Pick<TurnPorts, "files" | "platforms" | "clock" | "log" | "model">,
  { memory, asked }: Asked,
  signal: AbortSignal,
): Promise<ShownImages> {
  const { model } = ports;
  if (!memory.messages.some(hasImage)) return new ShownImages([], model);
  const sees = model.seesImages?.() === true;
  const files = new FilesOfTurn(ports, memory.conversation, bounds, signal);
  const images: ReadImage[] = [];
  let left = maxTotalBytes;
  for (const message of messagesToSee(memory, asked)) {
    for (const [index, file] of message.attachments.entries()) {
      if (!isImage(file)) continue;
      const found = sees ? await readImage(files, message, file) : "no-sight";
      const isTooMuch = typeof found !== "string" && found.length > left;
      if (typeof found !== "string" && !isTooMuch) left -= found.length;
      images.push({ message: message.id, index, file, content: isTooMuch ? "too-many" : found });
    }
  }
  return new ShownImages(images, model);
}

function hasImage({ attachments }: RememberedMessage): boolean {
  return attachments.some(isImage);
}

/** The most important first. */
function messagesToSee(
  memory: ConversationMemory,
  asked: readonly RememberedMessage[],
): readonly RememberedMessage[] {
  const ids = new Set(asked.map(({ id }) => id));
  const window = windowOf(memory).filter(isForModel);
  // What follows the last question is an answer that goes on.
  const lastAsked = window.findLastIndex(({ id }) => ids.has(id));
  const lastAnswer = window.findLastIndex(({ role }, index) => role === "bot" && index < lastAsked);
  const withImages = window.filter(hasImage);
  const unseen = new Set(window.slice(lastAnswer + 1));
  return [
    ...withImages.filter(({ id }) => ids.has(id)).toReversed(),
    ...withImages.filter((message) => !ids.has(message.id) && unseen.has(message)).toReversed(),
  ];
}
