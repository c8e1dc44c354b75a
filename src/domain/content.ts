import type { ImageFacts } from "./image.ts";
import type { Attachment } from "./message.ts";
import { oneLine } from "./one-line.ts";
import { whyUnread } from "./unread-file.ts";

interface TextPart {
  readonly kind: "text";
  readonly text: string;
}

/** A file at its place among the texts. Its bytes are not here: see FileRef. */
interface FilePart extends Attachment {
  readonly kind: "file";
}

/** An image that the model is shown, with its bytes. They are in no record: only the first prompt about an image has it. */
export interface ImagePart extends ImageFacts {
  readonly kind: "image";
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A piece of what is said: a text, a file, or an image. */
export type ContentPart = TextPart | FilePart | ImagePart;

/** What one message says to a model. The parts stand one after the other, with nothing between them. */
export type Content = string | readonly ContentPart[];

export function partsOf(content: Content): readonly ContentPart[] {
  return typeof content === "string" ? [{ kind: "text", text: content }] : content;
}

/** The content as one text, in which files and images are named: for models that can't read them. */
export function textOf(content: Content): string {
  return typeof content === "string" ? content : content.map(partText).join("");
}

/** Puts contents one after the other, with a text between two of them. */
export function joinContents(contents: readonly Content[], between: string): Content {
  if (contents.every((each) => typeof each === "string")) return contents.join(between);
  return contents.flatMap((content, index) =>
    index === 0 ? partsOf(content) : [{ kind: "text" as const, text: between }, ...partsOf(content)],
  );
}

function partText(part: ContentPart): string {
  if (part.kind === "text") return part.text;
  if (part.kind === "image") return `[image: ${oneLine(part.name)}]`;
  const why = part.unread === undefined ? "" : `, not read: ${whyUnread[part.unread]}`;
  return `[${part.image === undefined ? "file" : "image"}: ${oneLine(part.name)}${why}]`;
}
