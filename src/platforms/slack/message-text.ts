import { attachmentTexts } from "./attachment-text.ts";
import { blockTexts } from "./block-text.ts";
import { fileTexts } from "./file-text.ts";
import { isPlaceholder } from "./placeholders.ts";
import { toPlainText, withoutMention } from "./plain-text.ts";
import { below, Reading, type ReadingFacts } from "./reading.ts";
import { Told } from "./told.ts";

/** A message wherever it comes from: an event, a page of history, one form of a changed message. */
export interface ReadableMessage {
  readonly text?: string | null | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly files?: unknown;
}

/**
 * Everything of a message that people read, in the order in which they see it, and nothing twice: the text that Slack
 * makes of blocks says what they say. What Slack shows below a link is the linked page's, and no word of the author's. The
 * table in docs/slack.md is this function.
 */
export function messageText(message: ReadableMessage, facts: ReadingFacts): string {
  const said = toPlainText(withoutMention(message.text ?? "", facts.botUserId), facts.nameOf);
  if (hasNothing(message.blocks) && hasNothing(message.attachments) && hasNothing(message.files)) return said;
  const reading = new Reading(facts);
  const isWords = !isPlaceholder(said);
  const blocks = blockTexts(message.blocks, reading);
  const told = new Told();
  const own = ownWords(isWords ? said : "", blocks, told);
  const isAlone = own === "";
  const boxes = attachmentTexts(message.attachments, reading, isAlone).map((text) => told.unlessTold(text));
  const files = fileTexts(message.files, reading).map((text) => told.unlessTold(text));
  return below([own, ...boxes, ...files]) || said;
}

function hasNothing(list: unknown): boolean {
  return !Array.isArray(list) || list.length === 0;
}

/** The text and the blocks, or the one of them that holds the other. */
function ownWords(said: string, blocks: readonly string[], told: Told): string {
  const inBlocks = new Told();
  for (const block of blocks) inBlocks.add(block);
  const isInBlocks = blocks.length > 0 && inBlocks.has(said);
  const inText = new Told();
  inText.add(said);
  // Where both say the same, the text has the names of groups and channels.
  if (isInBlocks && !blocks.every((block) => inText.has(block))) {
    for (const block of blocks) told.add(block);
    return below(blocks);
  }
  told.add(said);
  return below([said, ...blocks.map((block) => told.unlessTold(block))]);
}
