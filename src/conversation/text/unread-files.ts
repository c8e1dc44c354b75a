import { isCutAnswer } from "../../domain/cut-answer.ts";
import type { Message } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import { whyUnread } from "../../domain/unread-file.ts";

const maxFiles = 5;

/** An answer, with a line for each file of its questions that could not be read. Of many files, the rest is counted. */
export function withUnreadFiles(answer: string, questions: readonly Pick<Message, "attachments">[]): string {
  const lines = questions.flatMap(({ attachments }) =>
    attachments.flatMap(({ name, unread }) =>
      unread === undefined ? [] : [`I couldn't read \`${plainName(name)}\`: ${whyUnread[unread]}.`],
    ),
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
