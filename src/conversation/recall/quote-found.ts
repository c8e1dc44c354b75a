import type { ArchivedMessage } from "../../domain/archive.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import type { ToolContext } from "../agent/tool.ts";
import { isForModel } from "../memory/remembered-message.ts";
import { oneLine } from "../../domain/one-line.ts";
import { WallClock } from "../text/wall-clock.ts";
import type { ArchiveSearchResult } from "./search-archive.ts";
import { describeGaps } from "./search-gaps.ts";

const maxChars = 600;

/** Quotes what a search found to the model, one numbered line each, and says what could not be searched. */
export function quoteFound(
  { found: all, gaps }: ArchiveSearchResult,
  timeZone: TimeZone,
  cite: ToolContext["cite"],
): string {
  const wallClock = new WallClock(timeZone);
  const found = all.filter(isForModel);
  const missing = describeGaps(gaps).map((line) => `Not everything was searched. Tell them: "${line}"`);
  const quotations =
    found.length === 0
      ? ["Nothing was found. Say so instead of guessing."]
      : found.map((message) => quote(message, wallClock, cite));
  return [...quotations, ...missing].join("\n");
}

function quote(message: ArchivedMessage, wallClock: WallClock, cite: ToolContext["cite"]): string {
  const { conversation, id, revision, permalink, saidAtMs, speaker } = message;
  const text = oneLine(message.text).slice(0, maxChars);
  const link = permalink === undefined ? {} : { permalink };
  const number = cite({ conversation, message: id, revision, ...link, speaker, saidAtMs, text });
  const when = `${wallClock.moment(saidAtMs)} (${wallClock.zoneAt(saidAtMs)})`;
  return `[${number}] ${speaker}, ${when}: ${text}`;
}
