import { partsOf, textOf, type Content, type ContentPart, type ImagePart } from "../../../domain/content.ts";
import { maxImageBytes, maxPromptImageBytes } from "../../../domain/image.ts";
import { oneLine } from "../../../domain/one-line.ts";
import type { Prompt } from "../../../domain/prompt.ts";

/** Whether a prompt shows images. */
export function hasImages({ messages }: Pick<Prompt, "messages">): boolean {
  return messages.some(
    ({ content }) => typeof content !== "string" && content.some(({ kind }) => kind === "image"),
  );
}

/** The images of a prompt, in their order. */
export function imagesIn({ messages }: Pick<Prompt, "messages">): readonly ImagePart[] {
  return messages.flatMap(({ content }) =>
    typeof content === "string" ? [] : content.filter((part) => part.kind === "image"),
  );
}

/** The prompt with the name of one of its images instead of it. */
export function withoutImage(prompt: Prompt, image: ImagePart): Prompt {
  return named(prompt, (each) => each === image);
}

/** The prompt with as many images as one request may have, the newest first. The others are named. */
export function withinImageLimits(prompt: Prompt): Prompt {
  const images = imagesIn(prompt);
  if (images.length === 0) return prompt;
  const shown = new Set<ContentPart>();
  let bytes = 0;
  for (const image of images.toReversed()) {
    const size = image.bytes.byteLength;
    if (size > maxImageBytes || bytes + size > maxPromptImageBytes) continue;
    bytes += size;
    shown.add(image);
  }
  return named(prompt, (image) => !shown.has(image));
}

/** The prompt with the names of its images only. The model is told that it can't see them. */
export function withoutImages(prompt: Prompt): Prompt {
  return named(prompt, () => true);
}

function named(prompt: Prompt, isNamed: (image: ImagePart) => boolean): Prompt {
  if (!hasImages(prompt)) return prompt;
  const nameIn = (content: Content): Content =>
    typeof content === "string"
      ? content
      : content.map((part) => (part.kind === "image" && isNamed(part) ? nameOf(part) : part));
  const messages = prompt.messages.map((message) => ({ ...message, content: nameIn(message.content) }));
  return { ...prompt, messages };
}

function nameOf({ name }: ImagePart): ContentPart {
  return { kind: "text", text: `[image: ${oneLine(name)}, which you can't see]` };
}

/** A content as texts and images. Each image follows its name. */
export function textsAndImages(content: Content): readonly (string | ImagePart)[] {
  const parts: (string | ImagePart)[] = [];
  for (const part of partsOf(content)) {
    const text = textOf([part]);
    const last = parts.at(-1);
    if (typeof last === "string") parts[parts.length - 1] = last + text;
    else if (text !== "") parts.push(text);
    if (part.kind === "image") parts.push(part);
  }
  return parts;
}
