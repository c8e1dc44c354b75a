import type { MessageId, TurnId } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { PostFile } from "../../domain/post.ts";
import type { Payer } from "../../domain/prompt.ts";
import { FileStoreError, type FileStore } from "../../ports/file-store.ts";
import { makeCountedImage, type ImageSpendingPorts } from "../usage/counted-images.ts";

/** What making images needs. */
export interface ImagePorts extends ImageSpendingPorts {
  readonly files: FileStore;
}

/** An image for an answer. */
export interface ImageToMake {
  readonly payer: Payer;
  /** What it shows. */
  readonly prompt: string;
  /** The question, with which the bytes are erased until the reply has an id. */
  readonly question: MessageId;
  readonly turn: TurnId;
  /** Its position among the images of the answer, from 1. */
  readonly number: number;
  /** As of makeCountedImage. */
  readonly turns: number;
}

/** Longer descriptions are refused: no image shows so much. */
export const maxDescriptionChars = 4_000;

/** As long as the reply may take to be posted, with all retries. A platform keeps what was posted. */
const keptMs = 3_600_000;

/**
 * Makes an image and stores its bytes until its reply is posted. @throws {LimitError}, {ModelError}, {FileStoreError},
 * {StoreError}, or the signal's reason.
 */
export async function makeImage(
  ports: ImagePorts,
  { payer, prompt, question, turn, number, turns }: ImageToMake,
  signal: AbortSignal,
): Promise<PostFile> {
  const { bytes, mediaType, width, height } = await makeCountedImage(ports, payer, { prompt, turns }, signal);
  const content = await ports.files.put(bytes, signal);
  const { conversation, person } = payer;
  const name = `image-${number}.${mediaType.slice("image/".length).replace("jpeg", "jpg")}`;
  const link = {
    conversation,
    message: question,
    name: `made/${turn}/${name}`,
    ...(person === undefined ? {} : { author: person }),
    untilMs: ports.clock.nowMs() + keptMs,
  };
  if (!(await ports.files.link(link, content.hash, signal)))
    throw new FileStoreError("unavailable", "The store has dropped an image at once");
  const image = { mediaType, width, height };
  return { name, mediaType, description: oneLine(prompt), image, content };
}
