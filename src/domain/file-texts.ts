import type { Attachment, Message } from "./message.ts";

type WithFiles = Pick<Message, "text" | "attachments">;

/** What the author wrote, without the texts of the message's files. */
export function saidIn({ text, attachments }: WithFiles): string {
  const fileChars = attachments.reduce((sum, { textChars = 0 }) => sum + textChars, 0);
  return fileChars === 0 ? text : text.slice(0, Math.max(0, text.length - fileChars));
}

/** The texts of a message's files as its text holds them, in the order of the files. Undefined where a file has none. */
export function fileTextsIn({ text, attachments }: WithFiles): readonly (string | undefined)[] {
  let at = saidIn({ text, attachments }).length;
  return attachments.map(({ textChars }) => {
    if (textChars === undefined) return undefined;
    at += textChars;
    return text.slice(at - textChars, at);
  });
}

/** A message whose text holds the texts of its files behind what its author wrote. `texts`: in the order of the files. */
export function withFileTexts<M extends WithFiles>(
  message: M,
  said: string,
  texts: readonly (string | undefined)[],
): M {
  const attachments = message.attachments.map((file, index): Attachment => {
    const { textChars: _, ...rest } = file;
    const text = texts[index];
    return text === undefined ? rest : { ...rest, textChars: text.length };
  });
  return { ...message, text: said + texts.map((text) => text ?? "").join(""), attachments };
}
