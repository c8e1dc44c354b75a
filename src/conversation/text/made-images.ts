import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { fileTextsIn, withFileTexts } from "../../domain/file-texts.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { PostFile } from "../../domain/post.ts";
import { asPlainMarkdown } from "./plain-markdown.ts";

/** No platform has this name: the bytes are in the file store, or only on the platform that shows them. */
const madeByBot = "made";
const maxCaptionChars = 300;

/** The name under which the file store keeps an image of a reply. */
export function imageLinkName(hash: string): string {
  return `made ${hash}`;
}

type WithFiles = Pick<RememberedMessage, "text" | "attachments">;

const end = "]";

/** How the text of an image begins. */
function beginningOf(name: string): string {
  return `\n[image ${name}, made from: `;
}

/** A reply with its images, as it is remembered: prompts, searches and exports tell what each was made from. */
export function withImages(answer: string, files: readonly PostFile[] = []): WithFiles {
  const images = files.filter(({ image }) => image !== undefined);
  const attachments = images.map(({ name, mediaType, content, image }) => ({
    name,
    mediaType,
    ...(typeof content === "string"
      ? {}
      : { sizeBytes: content.sizeBytes, ref: { platform: madeByBot, id: content.hash } }),
    ...(image === undefined ? {} : { image }),
  }));
  const texts = images.map(
    ({ name, description = "" }) => `${beginningOf(name)}${oneLine(description)}${end}`,
  );
  return withFileTexts({ text: answer, attachments }, answer, texts);
}

/** The images of a remembered reply, as its posts show them. */
export function imagesOf(reply: WithFiles): readonly PostFile[] {
  const texts = fileTextsIn(reply);
  return reply.attachments.flatMap(({ name, sizeBytes = 0, ref, image }, index): readonly PostFile[] => {
    if (ref?.platform !== madeByBot || image === undefined) return [];
    const description = (texts[index] ?? "").slice(beginningOf(name).length, -end.length);
    const content = { hash: ref.id, sizeBytes };
    return [{ name, mediaType: image.mediaType, description, image, content }];
  });
}

/** What an answer says that is nothing but images. */
export function captionOf(files: readonly PostFile[]): string {
  return files.map(({ description = "" }) => asPlainMarkdown(shortened(oneLine(description)))).join("\n\n");
}

function shortened(line: string): string {
  return line.length <= maxCaptionChars
    ? line
    : `${line.slice(0, maxCaptionChars).toWellFormed().trimEnd()}…`;
}
