import type { CommandRunner } from "../conversation/command/command.ts";
import { describeGaps } from "../conversation/recall/search-gaps.ts";
import { searchArchive } from "../conversation/recall/search-archive.ts";
import { stripMarkdown } from "../conversation/text/clean-name.ts";
import { ReaderTime } from "../conversation/text/reader-time.ts";
import { oneLine } from "../domain/one-line.ts";
import type { ArchivedMessage } from "../domain/archive.ts";
import { searchWords } from "../domain/search-words.ts";

const maxFound = 8;
const maxQuotedChars = 400;

/** Finds messages by their words and quotes them with who, when and where. Asks no model. */
export const recall: CommandRunner = {
  definition: {
    name: "recall",
    description: "Find what was said: who said it, when and where",
    options: [{ word: "share", description: "show it to everyone here (only what all of them can read)" }],
    text: {
      name: "words",
      description: "words to look for",
      isRequired: true,
      whenMissing: "What are you looking for? Example: `/recall roof garden`",
    },
    scope: "person",
  },
  interrupts: false,
  isPublic: ({ options }) => options.has("share"),
  needs: ({ options }) => (options.has("share") ? "write" : "read"),
  run: async ({ ports, command, argument, memory }, signal) => {
    const isShared = argument.options.has("share");
    const { place } = command;
    const readers = isShared ? { place } : { place, person: command.by.id };
    const words = argument.text;
    if (searchWords(words).length === 0) return { say: noWordsText(words), isShared: false };
    const scope = isShared ? "archived" : "all";
    const { found, gaps } = await searchArchive(
      ports,
      { words, readers, memory, scope, limit: maxFound },
      signal,
    );
    const missing = describeGaps(gaps);
    if (found.length === 0) {
      const nothing = `Nothing found for “${quoted(words, 100)}”${isShared ? " that everyone here can read" : ""}.`;
      return { say: [nothing, ...missing].join("\n"), isShared: false };
    }
    const heading = `Found ${found.length} for “${quoted(words, 100)}”:`;
    // On our own page a shared answer still has only one reader.
    const isForOthers = isShared && ports.platform.isOurPage !== true;
    const time = new ReaderTime(ports.clock.nowMs(), isForOthers ? {} : command.by, ports.timeZone);
    const reader = isForOthers ? { time } : { time, id: command.by.id };
    const sources = found.map(({ conversation, id }) => ({ conversation, message: id }));
    return {
      say: [
        heading,
        ...found.map((each) => quoteOf(each, reader)),
        ...missing.map((line) => `\n${line}`),
      ].join("\n"),
      isShared,
      sources,
    };
  },
};

/** Punctuation and emoji are not indexed, so "nothing found" would be wrong. */
function noWordsText(text: string): string {
  return `There are no words to search for in “${quoted(text, 100)}”.`;
}

/** Who reads the quotations, and in which time zone. */
interface Reader {
  /** The Author's id. Missing: everyone reads it. */
  readonly id?: string;
  readonly time: ReaderTime;
}

function quoteOf(message: ArchivedMessage, { id, time }: Reader): string {
  const { speaker, author, role, saidAtMs, permalink, text } = message;
  const isOwn = role === "person" && author.id === id;
  const who = isOwn ? "You" : stripMarkdown(speaker);
  const when = time.when(saidAtMs);
  const moment = permalink === undefined ? when : `[${when}](${permalink})`;
  return `- **${who}**, ${moment}: “${quoted(text, maxQuotedChars)}”`;
}

/** One line, without quotation marks that would end the quotation, or links that would look like another source. */
function quoted(text: string, maxChars: number): string {
  const flat = oneLine(text.slice(0, maxChars * 4))
    .replaceAll(/[“”„‟❝❞〝〞＂]/gu, '"')
    .replaceAll("](", "] (");
  return flat.length <= maxChars ? flat : `${flat.slice(0, maxChars).toWellFormed().trimEnd()}…`;
}
