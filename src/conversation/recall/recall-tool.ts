import { ArchiveError } from "../../ports/archive.ts";
import type { Tool, ToolArguments, ToolContext, ToolResult } from "../agent/tool.ts";
import { conversationZone } from "../text/time-marks.ts";
import { quoteFound } from "./quote-found.ts";
import { searchArchive } from "./search-archive.ts";

const maxFound = 8;

/** Searches earlier messages. Its definition has identical bytes in every prompt. */
export const recallTool: Tool = {
  definition: {
    name: "recall",
    description:
      "Looks up what was said earlier, here and where everybody here may read, by words that it holds. Use it when something was said earlier and is not here. Gives numbered quotations; put the numbers of those that you use in brackets, as in [2].",
    parameters: {
      type: "object",
      properties: { words: { type: "string", description: "A few telling words, as they were said" } },
      required: ["words"],
      additionalProperties: false,
    },
  },
  effect: "reads",
  run: async (args, context, signal) => {
    const words = wordsIn(args);
    if (words === undefined) return failure('Error: recall takes {"words": "a few words"}.');
    try {
      return { text: await recall(words, context, signal) };
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      return failure("Error: the archive can't be reached now. Say that you could not look it up.");
    }
  },
};

function failure(text: string): ToolResult {
  return { text, isFailure: true };
}

function wordsIn({ words }: ToolArguments): string | undefined {
  return typeof words === "string" && words.trim() !== "" ? words.slice(0, 500) : undefined;
}

/** The model may only search messages that every reader of its answer may see. */
async function recall(
  words: string,
  { ports, memory, showStep, cite }: ToolContext,
  signal: AbortSignal,
): Promise<string> {
  showStep({ kind: "search", words });
  const search = {
    words,
    limit: maxFound,
    readers: { place: memory.place },
    memory,
    scope: "current",
  } as const;
  return quoteFound(
    await searchArchive(ports, search, signal),
    conversationZone(memory, ports.timeZone),
    cite,
  );
}
