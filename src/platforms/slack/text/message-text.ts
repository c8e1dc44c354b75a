import { attachmentTexts } from "./attachment-text.ts";
import { blockTexts } from "./block-text.ts";
import { fileTexts } from "./file-text.ts";
import { isPlaceholder } from "./placeholders.ts";
import { toPlainText, withoutMention } from "./mrkdwn-to-text.ts";
import { below, Reading, type ReadingFacts } from "./reading.ts";
import { inOneForm, toldBy } from "./two-forms.ts";
import { type Written, isApp } from "../wire/written.ts";

/** A message wherever it comes from: an event, a page of history, one form of a changed message. */
export interface ReadableMessage extends Pick<Written, "user" | "bot_id"> {
  readonly text?: string | null | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly files?: unknown;
  /** Where it stands. Missing: it is not known, and others may be there. */
  readonly channel?: string;
}

/**
 * Everything of a message that people read, in the order in which they see it, and nothing twice: the text that Slack
 * makes of blocks says what they say. What Slack shows below a link is the linked page's, and no word of the author's. The
 * table in docs/slack.md is this function.
 */
export function messageText(message: ReadableMessage, facts: ReadingFacts): string {
  const said = toPlainText(withoutMention(message.text ?? "", facts.botUserId, facts.name), facts.nameOf);
  if (hasNothing(message.blocks) && hasNothing(message.attachments) && hasNothing(message.files)) return said;
  const reading = new Reading(facts, message.channel?.startsWith("D"));
  const own = inOneForm(isPlaceholder(said) ? "" : said, blockTexts(message.blocks, reading));
  // The link is an app's own choice, and what it posts is the card below.
  const withPreviews = below(own) === "" || isApp(message);
  const told = toldBy(own);
  const beside = [
    ...attachmentTexts(message.attachments, reading, withPreviews),
    ...fileTexts(message.files, reading),
  ];
  return below([...own, ...beside.filter((text) => !told.has(text))]) || said;
}

function hasNothing(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
