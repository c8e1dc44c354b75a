import type { Attachment, Message } from "../../domain/message.ts";
import { truncate } from "./truncate.ts";

/** More than any platform allows. */
const maxNameChars = 300;
const maxFiles = 50;

/** Bounds the sizes of everything stored of a message: text, names, attachments, quoted message. */
export function limitMessage(message: Message): Message {
  const { author, text, attachments, quoted } = message;
  return {
    ...message,
    ...(quoted === undefined ? {} : { quoted: limitMessage(quoted) }),
    author: { ...author, name: shortName(author.name) },
    text: truncate(text),
    attachments: limitFiles(attachments),
  };
}

/** Bounds the sizes of everything stored of a message's files. */
export function limitFiles(attachments: readonly Attachment[]): readonly Attachment[] {
  return attachments
    .slice(0, maxFiles)
    .map((file) => Object.assign({}, file, { name: shortName(file.name) }));
}

function shortName(name: string): string {
  return name.length <= maxNameChars ? name : name.slice(0, maxNameChars).toWellFormed();
}
