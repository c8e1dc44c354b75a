import { isCutAnswer } from "../../domain/cut-answer.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import { whyUnread, type WhyUnread } from "../../domain/unread-file.ts";

const maxFiles = 5;

/** A file that an answer could not use. */
export type UnreadFile = Pick<Attachment, "name"> & { readonly unread: WhyUnread };

/**
 * An answer, with a line for each file of its questions that could not be read, and for each image that the model was not
 * shown. Of many files, the rest is counted.
 */
export function withUnreadFiles(
  answer: string,
  questions: readonly Pick<Message, "attachments">[],
  notShown: readonly UnreadFile[] = [],
): string {
  const unreadFiles = questions.flatMap(({ attachments }) =>
    attachments.flatMap(({ name, unread }) => (unread === undefined ? [] : [{ name, unread }])),
  );
  const lines = [...unreadFiles, ...notShown].map(
    ({ name, unread }) => `I couldn't read \`${plainName(name)}\`: ${whyUnread[unread]}.`,
  );
  // A cut answer ends with its mark: the lines come when it is complete.
  if (lines.length === 0 || isCutAnswer(answer)) return answer;
  const more = lines.length - maxFiles;
  const rest = more > 0 ? [`I couldn't read ${more} more ${more === 1 ? "file" : "files"}.`] : [];
  const shown = [...lines.slice(0, maxFiles), ...rest];
  return `${answer.trimEnd()}\n\n${shown.map((line) => `*(${line})*`).join("\n")}`;
}

/** A name that can't end the code that it stands in. */
function plainName(name: string): string {
  return oneLine(name).replaceAll("`", "'");
}
