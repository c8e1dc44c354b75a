import type { ArchivedMessage } from "../../domain/archive.ts";
import type { ToolDefinition, ToolCall } from "../../domain/prompt.ts";
import type { Source } from "../../domain/conversation-memory.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { describeGaps } from "./search-gaps.ts";
import type { ArchiveSearchResult, ArchiveSearch } from "./search-archive.ts";
import { oneLine } from "../text/format-message.ts";
import { WallClock } from "../text/wall-clock.ts";
import { isForModel } from "../memory/remembered-message.ts";
import { LostTraces } from "../memory/lost-traces.ts";
import { sourcesMark, removeForgedSources, sourceOf, linkTo } from "./cite-sources.ts";

/** The tool by which the model searches earlier messages. Identical bytes in every prompt. */
export const recallTool: ToolDefinition = {
  name: "recall",
  description:
    "Looks up what was said earlier, here and where everybody here may read, by words that it holds. Gives numbered quotations; put the numbers of those that you use in brackets, as in [2].",
  parameters: {
    type: "object",
    properties: { words: { type: "string", description: "A few telling words, as they were said" } },
    required: ["words"],
    additionalProperties: false,
  },
};

const maxFound = 8;
const maxChars = 600;
const maxSources = 5;

type LookUp = (look: Pick<ArchiveSearch, "words" | "limit">) => Promise<ArchiveSearchResult>;

/** Runs the model's searches during one answer, and records what the answer was made from. */
export class RecallSession {
  readonly #lookUp: LookUp;
  readonly #wallClock: WallClock;
  readonly #found: ArchivedMessage[] = [];

  /** @param timeZone - for the times given to the model */
  constructor(lookUp: LookUp, timeZone: TimeZone) {
    this.#lookUp = lookUp;
    this.#wallClock = new WallClock(timeZone);
  }

  /** Runs one tool call. Faults become text for the model, which then answers without the search. @throws only on abort. */
  readonly answer = async ({ name, argument }: ToolCall): Promise<string> => {
    const words = name === recallTool.name ? wordsIn(argument) : undefined;
    if (words === undefined) return 'Error: there is only recall, with {"words": "a few words"}.';
    try {
      const { found: all, gaps } = await this.#lookUp({ words, limit: maxFound });
      const found = all.filter(isForModel);
      const missing = describeGaps(gaps).map((line) => `Not everything was searched. Tell them: "${line}"`);
      const quotations =
        found.length === 0 ? ["Nothing was found. Say so instead of guessing."] : found.map(this.#quote);
      return [...quotations, ...missing].join("\n");
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      return "Error: the archive can't be reached now. Say that you could not look it up.";
    }
  };

  /** Everything found so far. */
  get sources(): readonly Source[] {
    return this.#found.map(sourceOf);
  }

  /** Replaces the quotation numbers in an answer by a list of links to its sources. */
  cite(answer: string): { readonly text: string; readonly sources: readonly Source[] } {
    const text = removeForgedSources(answer);
    const used = this.#usedIn(text);
    if (used.length === 0) return { text, sources: [] };
    const plain = text.replaceAll(/ ?\[(\d+(?:, ?\d+)*)\](?!\()/gu, (mark, numbers: string) =>
      numbers.split(",").every((each) => this.#found[Number(each) - 1] !== undefined) ? "" : mark,
    );
    const links = used.slice(0, maxSources).map(linkTo);
    return {
      text: `${plain.trimEnd()}${sourcesMark}${links.join(" · ")}`,
      sources: [...used, ...this.#repeatedIn(text, used)].map(sourceOf),
    };
  }

  /** Messages cited by number. If none is cited, all found ones: the model read them before it answered. */
  #usedIn(text: string): readonly ArchivedMessage[] {
    const numbers = Array.from(text.matchAll(/\[(\d+(?:, ?\d+)*)\](?!\()/gu), ([, each = ""]) =>
      each.split(","),
    );
    const named = new Set(numbers.flat().flatMap((number) => this.#found[Number(number) - 1] ?? []));
    return named.size > 0 ? [...named] : this.#found;
  }

  /** Messages that the answer repeats without citing them. */
  #repeatedIn(text: string, used: readonly ArchivedMessage[]): readonly ArchivedMessage[] {
    const unused = this.#found.filter((each) => !used.includes(each));
    if (unused.length === 0) return [];
    const own = new LostTraces();
    own.add(text);
    for (const each of used) own.remove(each.text);
    return unused.filter((each) => own.isRepeatedIn(each.text));
  }

  readonly #quote = (message: ArchivedMessage): string => {
    const known = this.#found.findIndex(
      ({ conversation, id }) => conversation === message.conversation && id === message.id,
    );
    if (known === -1) this.#found.push(message);
    const number = known === -1 ? this.#found.length : known + 1;
    const text = oneLine(message.text).slice(0, maxChars);
    const { saidAtMs, speaker } = message;
    const when = `${this.#wallClock.moment(saidAtMs)} (${this.#wallClock.zoneAt(saidAtMs)})`;
    return `[${number}] ${speaker}, ${when}: ${text}`;
  };
}

function wordsIn(argument: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(argument);
    if (typeof parsed !== "object" || parsed === null || !("words" in parsed)) return undefined;
    return typeof parsed.words === "string" && parsed.words.trim() !== ""
      ? parsed.words.slice(0, 500)
      : undefined;
  } catch {
    return undefined;
  }
}
