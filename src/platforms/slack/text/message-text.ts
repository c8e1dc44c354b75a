import { attachmentTexts } from "./attachment-text.ts";
import { blockTexts } from "./block-text.ts";
import { asObject } from "../wire/json-object.ts";
import { fileTexts, withoutTranscript } from "./file-text.ts";
import { isFallbackNotice } from "./fallback-notice.ts";
import { toPlainText, removeBotMention } from "./mrkdwn-to-text.ts";
import { joinLines, TextReader, type ReaderFacts } from "./text-reader.ts";
import { mergeForms, seenTextOf } from "./merge-forms.ts";
import { type Authorship, isApp } from "../wire/authorship.ts";

/** A message from an event, from history, or the old or new version of an edit. */
export interface ReadableMessage extends Pick<Authorship, "user" | "bot_id"> {
  readonly text?: string | null | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly files?: unknown;
  /** Missing: unknown, so others may read it. */
  readonly channel?: string;
}

/**
 * Everything in a message that people see, in their order and without repetition (Slack also sends the content of blocks
 * as `text`). Link previews are left out: the linked page wrote them. The table in docs/slack.md describes this function.
 */
export function messageText(message: ReadableMessage, facts: ReaderFacts): string {
  const plain = toPlainText(removeBotMention(message.text ?? "", facts.botUserId, facts.name), facts.nameOf);
  if (isEmptyList(message.blocks) && isEmptyList(message.attachments) && isEmptyList(message.files))
    return plain;
  const reader = new TextReader(facts, message.channel?.startsWith("D"));
  const own = mergeForms(isFallbackNotice(plain) ? "" : plain, blockTexts(message.blocks, reader));
  // An app that posts a link means the card below it.
  const withPreviews = joinLines(own) === "" || isApp(message);
  const others = [
    ...attachmentTexts(message.attachments, reader, withPreviews),
    ...fileTexts(filesToRead(message, facts), reader),
  ];
  if (others.length === 0) return joinLines(own) || plain;
  const seen = seenTextOf(own);
  return joinLines([...own, ...others.filter((text) => !seen.has(text))]) || plain;
}

function filesToRead({ files }: ReadableMessage, { hearsClips }: ReaderFacts): unknown {
  return hearsClips === true && Array.isArray(files) ? files.map(asObject).map(withoutTranscript) : files;
}

function isEmptyList(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}
