import type { ArchivedMessage } from "../../domain/archive.ts";
import type { Tool, ToolCall } from "../../domain/prompt.ts";
import type { ConversationMemory, Source } from "../../domain/conversation-memory.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import { ArchiveError } from "../../ports/archive.ts";
import { linesFor } from "./coverage.ts";
import type { PastFound, PastSearch } from "./search-archive.ts";
import { isForModel } from "../memory/append.ts";
import { oneLine } from "../text/format-message.ts";
import { LostTraces } from "../memory/derived-text.ts";
import { WallClock } from "../text/wall-clock.ts";
import { yielding } from "../async/yielding.ts";

/** Between an answer and the links to what it used. */
const sourcesMark = "\n\n*Sources:* ";

/** What the model may call to look things up. The same bytes in every prompt. */
export const recallTool: Tool = {
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

const mostFound = 8;
const mostChars = 600;
const mostSources = 5;

type Look = (look: Pick<PastSearch, "words" | "limit">) => Promise<PastFound>;

/** What the model looks up during one answer, and what that answer then rests on. */
export class RecallSession {
  readonly #lookUp: Look;
  readonly #wallClock: WallClock;
  readonly #found: ArchivedMessage[] = [];

  /** @param timeZone - of the times that the model is told */
  constructor(lookUp: Look, timeZone: TimeZone) {
    this.#lookUp = lookUp;
    this.#wallClock = new WallClock(timeZone);
  }

  /** Never rejects but for an abort: the model is told what is wrong, and answers without. */
  readonly answer = async ({ name, argument }: ToolCall): Promise<string> => {
    const words = name === recallTool.name ? wordsIn(argument) : undefined;
    if (words === undefined) return 'Error: there is only recall, with {"words": "a few words"}.';
    try {
      const { found: all, leftOut } = await this.#lookUp({ words, limit: mostFound });
      const found = all.filter(isForModel);
      const missing = linesFor(leftOut).map((line) => `Not everything was searched. Tell them: "${line}"`);
      const quotations =
        found.length === 0 ? ["Nothing was found. Say so instead of guessing."] : found.map(this.#quote);
      return [...quotations, ...missing].join("\n");
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      return "Error: the archive can't be reached now. Say that you could not look it up.";
    }
  };

  /** All that was looked up so far. */
  get sources(): readonly Source[] {
    return this.#found.map(sourceOf);
  }

  /** The answer with links to what it rests on, and without the numbers of quotations. */
  cite(answer: string): { readonly text: string; readonly sources: readonly Source[] } {
    const text = withoutOwnSources(answer);
    const used = this.#usedIn(text);
    if (used.length === 0) return { text, sources: [] };
    const plain = text.replaceAll(/ ?\[(\d+(?:, ?\d+)*)\](?!\()/gu, (mark, numbers: string) =>
      numbers.split(",").every((each) => this.#found[Number(each) - 1] !== undefined) ? "" : mark,
    );
    const links = used.slice(0, mostSources).map(linkTo);
    return {
      text: `${plain.trimEnd()}${sourcesMark}${links.join(" · ")}`,
      sources: [...used, ...this.#repeatedIn(text, used)].map(sourceOf),
    };
  }

  /** What it names by number; all of it where it names nothing: it was written after reading it. */
  #usedIn(text: string): readonly ArchivedMessage[] {
    const numbers = Array.from(text.matchAll(/\[(\d+(?:, ?\d+)*)\](?!\()/gu), ([, each = ""]) =>
      each.split(","),
    );
    const named = new Set(numbers.flat().flatMap((number) => this.#found[Number(number) - 1] ?? []));
    return named.size > 0 ? [...named] : this.#found;
  }

  /** What it repeats without naming it. */
  #repeatedIn(text: string, used: readonly ArchivedMessage[]): readonly ArchivedMessage[] {
    const unused = this.#found.filter((each) => !used.includes(each));
    if (unused.length === 0) return [];
    const own = new LostTraces();
    own.add(text);
    for (const each of used) own.takeOut(each.text);
    return unused.filter((each) => own.isIn(each.text));
  }

  readonly #quote = (message: ArchivedMessage): string => {
    const known = this.#found.findIndex(
      ({ conversation, id }) => conversation === message.conversation && id === message.id,
    );
    if (known === -1) this.#found.push(message);
    const number = known === -1 ? this.#found.length : known + 1;
    const text = oneLine(message.text).slice(0, mostChars);
    const { saidAtMs, speaker } = message;
    const when = `${this.#wallClock.moment(saidAtMs)} (${this.#wallClock.zoneAt(saidAtMs)})`;
    return `[${number}] ${speaker}, ${when}: ${text}`;
  };
}

/** What a model wrote, without what looks like the sources that only this program names. */
export function withoutOwnSources(text: string): string {
  return text.replaceAll(/\*(?=\*{0,2}Sources:)|(?<=Sources:\*{0,2})\*/gu, "");
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

/** What an answer repeats of earlier ones that were looked up rests on the same. In slices; the window is read once. */
export async function inheritedSources(
  { messages }: ConversationMemory,
  text: string,
): Promise<readonly Source[]> {
  const earlier = messages.filter(({ sources }) => sources !== undefined);
  if (earlier.length === 0) return [];
  const pause = yielding();
  const own = new LostTraces();
  own.add(withoutLinks(text));
  for (const { role, text: said } of messages) {
    if (role === "person") own.takeOut(said);
    await pause();
  }
  return (
    earlier
      .filter((each) => own.isIn(withoutLinks(each.text)))
      .flatMap(({ sources = [] }) => sources)
      // A change since then that left the earlier answer standing leaves this one too.
      .map(({ conversation, message }) => ({ conversation, message }))
  );
}

/** Two answers that name the same person as their source have only that in common. */
function withoutLinks(answer: string): string {
  const at = answer.lastIndexOf(sourcesMark);
  return at < 0 ? answer : answer.slice(0, at);
}

function sourceOf({ conversation, id, permalink, revision }: ArchivedMessage): Source {
  return { conversation, message: id, revision, ...(permalink === undefined ? {} : { permalink }) };
}

/** Who said it and when, as a link where there is one. Markdown. */
function linkTo(message: Pick<ArchivedMessage, "speaker" | "saidAtMs" | "permalink">): string {
  const label = `${message.speaker.replaceAll(/[[\]()*_`~|<>]/gu, "")}, ${dayOf(message.saidAtMs)}`;
  return message.permalink === undefined ? label : `[${label}](${message.permalink})`;
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
