import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { oneLine } from "../../domain/one-line.ts";
import type { ShownTitle } from "../../domain/shown-title.ts";

const maxChars = 120;
const maxTags = 10;

/**
 * Tells the model the title above the conversation. Undefined where that says nothing new: the oldest message shown has it. And where
 * the first message was deleted, which took its title along; one that memory has summarised is not known to be.
 */
export function titleNote(
  { text, tags, first }: ShownTitle,
  { messages, summary, forgottenAtMs }: Pick<ConversationMemory, "messages" | "summary" | "forgottenAtMs">,
  [oldest]: readonly Pick<RememberedMessage, "text">[],
): string | undefined {
  const isKnown = first === undefined || summary !== undefined || messages.some(({ id }) => id === first);
  const words = [text, ...tags.slice(0, maxTags)].map((each) => clean(each, maxChars));
  const [title = ""] = words;
  if (!isKnown || forgottenAtMs !== undefined || title === "") return undefined;
  const shown = clean(oldest?.text ?? "", 1_000);
  if (words.every((each) => shown.includes(each.replace(/…$/u, "")))) return undefined;
  const labels = words.slice(1).filter((each) => each !== "");
  return `[This thread is titled “${title}”${labels.length === 0 ? "" : `; its tags: ${labels.join(", ")}`}.]`;
}

/** People write titles: none ends the line or its brackets. */
function clean(text: string, longest: number): string {
  return oneLine(
    text
      .slice(0, longest)
      .toWellFormed()
      .replaceAll(/[[\]“”]/gu, " "),
  );
}
