import type { Source } from "../../domain/conversation-memory.ts";
import type { CitedMessage } from "../../domain/tool-round.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import { WallClock } from "../text/wall-clock.ts";
import { LostTraces } from "../memory/lost-traces.ts";
import { sourcesMark } from "../../domain/sources-mark.ts";
import { linkTo, removeForgedSources, sourceOf } from "./cite-sources.ts";

const maxSources = 5;

/**
 * Replaces the quotation numbers in an answer by a list of links. `found`: everything that the model was quoted, in order.
 * `timeZone`: of the days in the list.
 */
export function citeAnswer(
  answer: string,
  found: readonly CitedMessage[],
  timeZone: TimeZone,
): { readonly text: string; readonly sources: readonly Source[] } {
  const text = removeForgedSources(answer);
  const used = usedIn(text, found);
  if (used.length === 0) return { text, sources: [] };
  const plain = text.replaceAll(/ ?\[(\d+(?:, ?\d+)*)\](?!\()/gu, (mark, numbers: string) =>
    numbers.split(",").every((each) => found[Number(each) - 1] !== undefined) ? "" : mark,
  );
  const wallClock = new WallClock(timeZone);
  const links = used.slice(0, maxSources).map((each) => linkTo(each, wallClock));
  return {
    text: `${plain.trimEnd()}${sourcesMark}${links.join(" · ")}`,
    sources: [...used, ...repeatedIn(text, used, found)].map(sourceOf),
  };
}

/** Messages cited by number. If none is cited, all found ones: the model read them before it answered. */
function usedIn(text: string, found: readonly CitedMessage[]): readonly CitedMessage[] {
  if (found.length === 0) return found;
  const numbers = Array.from(text.matchAll(/\[(\d+(?:, ?\d+)*)\](?!\()/gu), ([, each = ""]) =>
    each.split(","),
  );
  const named = new Set(numbers.flat().flatMap((number) => found[Number(number) - 1] ?? []));
  return named.size > 0 ? [...named] : found;
}

/** Messages that the answer repeats without citing them. */
function repeatedIn(
  text: string,
  used: readonly CitedMessage[],
  found: readonly CitedMessage[],
): readonly CitedMessage[] {
  const unused = found.filter((each) => !used.includes(each));
  if (unused.length === 0) return [];
  const own = new LostTraces();
  own.add(text);
  for (const each of used) own.remove(each.text);
  return unused.filter((each) => own.isRepeatedIn(each.text));
}
