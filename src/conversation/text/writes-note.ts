import { startedWrites, type ToolRound, type TurnCall } from "../../domain/tool-round.ts";
import { asPlainMarkdown } from "./plain-markdown.ts";

/**
 * Tells people what became of the writing calls of a turn, as a paragraph to append. After a notice it names all that were
 * done; the model's own answer tells of those. Empty: there is nothing to tell.
 */
export function writesNote(rounds: readonly ToolRound[] | undefined, isNotice: boolean): string {
  const writes = startedWrites(rounds);
  const done = isNotice ? writes.filter(({ result }) => result?.outcome === "done") : [];
  return (
    note("This was done", done) + note("I don't know if this was done. Please check", writes.filter(isOpen))
  );
}

function isOpen({ result }: TurnCall): boolean {
  return result === undefined || result.outcome === "unknown";
}

function note(beginning: string, writes: ReturnType<typeof startedWrites>): string {
  return writes.length === 0
    ? ""
    : `\n\n*(${beginning}: ${writes.map(({ write }) => asPlainMarkdown(write.says)).join("; ")}.)*`;
}
