import type { Titled } from "../../domain/inbound.ts";
import type { Recollection } from "../../domain/conversation-memory.ts";
import { currentMessages } from "./append.ts";

/**
 * A title that was made of something that has gone or changed since, or that was reset, is dropped: the next answer asks
 * for another one. There is one title at most.
 */
export function withTitle(recollection: Recollection, { from, revision, title }: Titled): Recollection {
  if (recollection.titledFrom !== undefined) return recollection;
  const asRead = currentMessages(recollection).filter((each) => each.revision <= revision);
  const ids = new Set(asRead.map(({ id }) => id));
  if (!from.every((id) => ids.has(id))) return recollection;
  return { ...recollection, titledFrom: title === undefined ? [] : from };
}
