import type { RememberedMessage } from "./conversation-memory.ts";
import { fileTextsIn } from "./file-texts.ts";
import type { PostFile } from "./post.ts";

/** In refs. No platform has this name: the bytes are in the file store, or only on the platform that shows them. */
export const madeByBot = "made";

const end = "]";

/** The name under which the file store keeps an image of a reply. */
export function imageLinkName(hash: string): string {
  return `made ${hash}`;
}

/** The text of an image in the reply that shows it. */
export function textOfImage(name: string, description: string): string {
  return `${beginningOf(name)}${description}${end}`;
}

/** The images of a remembered reply, as its posts show them. */
export function imagesOf(reply: Pick<RememberedMessage, "text" | "attachments">): readonly PostFile[] {
  const texts = fileTextsIn(reply);
  return reply.attachments.flatMap(({ name, sizeBytes = 0, ref, image }, index): readonly PostFile[] => {
    if (ref?.platform !== madeByBot || image === undefined) return [];
    const description = (texts[index] ?? "").slice(beginningOf(name).length, -end.length);
    const content = { hash: ref.id, sizeBytes };
    return [{ name, mediaType: image.mediaType, description, image, content }];
  });
}

/** How the text of an image begins. */
function beginningOf(name: string): string {
  return `\n[image ${name}, made from: `;
}
