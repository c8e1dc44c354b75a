import type { RememberedMessage } from "../../domain/conversation-memory.ts";
import { withFileTexts } from "../../domain/file-texts.ts";
import { madeByBot, textOfImage } from "../../domain/made-image.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { PostFile } from "../../domain/post.ts";
import { asPlainMarkdown } from "./plain-markdown.ts";

const maxCaptionChars = 300;

type WithFiles = Pick<RememberedMessage, "text" | "attachments">;

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
  const texts = images.map(({ name, description = "" }) => textOfImage(name, oneLine(description)));
  return withFileTexts({ text: answer, attachments }, answer, texts);
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
