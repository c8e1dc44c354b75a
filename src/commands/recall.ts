import type { CommandRunner } from "../conversation/command-runner.ts";
import { linesFor } from "../conversation/left-out.ts";
import { lookUp } from "../conversation/look-up.ts";
import { linkTo } from "../conversation/recall-tool.ts";
import type { LedgerMessage } from "../domain/ledger.ts";

const mostFound = 8;
const mostQuotedChars = 400;

/** Finds what was said: word for word, with who, when and where; nothing is made up. */
export const recall: CommandRunner = {
  definition: {
    name: "recall",
    description: "Find what was said, by its words: who said it, when, and where",
    options: [{ word: "share", description: "show it to everybody here: only what all of them may read" }],
    text: { name: "words", description: "some words of what was said", isRequired: true },
    concerns: "place",
  },
  interrupts: false,
  needs: ({ options }) => (options.has("share") ? "write" : "read"),
  run: async ({ ports, command, argument, recollection }, signal) => {
    const isShared = argument.options.has("share");
    const { place } = command;
    const readers = isShared ? { place } : { place, person: command.by.id };
    const words = argument.text;
    const scope = isShared ? "remembered" : "all";
    const { found, leftOut } = await lookUp(
      ports,
      { words, readers, recollection, scope, limit: mostFound },
      signal,
    );
    const missing = linesFor(leftOut);
    if (found.length === 0) {
      const nothing = `I found nothing with “${oneLine(words, 100)}” that ${isShared ? "everybody here" : "you"} may read here.`;
      return { say: [nothing, ...missing].join("\n"), isShared: false };
    }
    const heading = `What I found for “${oneLine(words, 100)}”:`;
    const sources = found.map(({ conversation, id }) => ({ conversation, message: id }));
    return {
      say: [heading, ...found.map(quoteOf), ...missing.map((line) => `\n${line}`)].join("\n"),
      isShared,
      sources,
    };
  },
};

function quoteOf(message: LedgerMessage): string {
  return `- ${linkTo(message)}: “${oneLine(message.text, mostQuotedChars)}”`;
}

function oneLine(text: string, most: number): string {
  const flat = text.replaceAll(/\s+/gu, " ").trim();
  return flat.length <= most
    ? flat
    : `${flat
        .slice(0, most)
        .replace(/[\uD800-\uDBFF]$/u, "")
        .trimEnd()}…`;
}
