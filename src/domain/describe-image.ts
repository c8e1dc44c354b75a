import { fileTextsIn, saidIn, withFileTexts } from "./file-texts.ts";
import type { ImageFacts } from "./image.ts";
import type { FileRef } from "./file-ref.ts";
import type { Attachment, Message } from "./message.ts";
import { oneLine } from "./one-line.ts";

/** More tries would cost more than the description is worth. */
const maxTries = 3;

/** An image whose description is still to be made. */
export type UndescribedImage = Attachment & { readonly ref: FileRef; readonly image: ImageFacts };

export function isUndescribed(file: Attachment): file is UndescribedImage {
  const { ref, image, textChars, unread, undescribed = 0 } = file;
  const mayBe = textChars === undefined && unread === undefined && undescribed < maxTries;
  return ref !== undefined && image !== undefined && mayBe;
}

/**
 * The message with a description as the text of an image, between two lines that say where it comes from. `text` missing: a
 * try failed, which is counted. The same message if it has no such image without a description. `file`: the id of its FileRef.
 */
export function describeImage<M extends Pick<Message, "text" | "attachments">>(
  message: M,
  { file, text }: { readonly file: string; readonly text?: string },
): M {
  const isMeant = (each: Attachment): boolean => isUndescribed(each) && each.ref.id === file;
  if (!message.attachments.some(isMeant)) return message;
  if (text === undefined) {
    const attachments = message.attachments.map((each): Attachment =>
      isMeant(each) ? { ...each, undescribed: (each.undescribed ?? 0) + 1 } : each,
    );
    return { ...message, attachments };
  }
  const texts = [...fileTextsIn(message)];
  for (const [index, each] of message.attachments.entries()) {
    if (!isMeant(each)) continue;
    const isFirst = saidIn(message) === "" && texts.slice(0, index).every((other) => other === undefined);
    texts[index] = blockOf(each, text, isFirst);
  }
  return withFileTexts(message, saidIn(message), texts);
}

function blockOf({ name }: Attachment, text: string, isFirst: boolean): string {
  return `${isFirst ? "" : "\n"}[image ${oneLine(name)}, described by the model]\n${text}\n[end of the description]`;
}
