import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { partNames, type MemoryHead, type PartName, type Parts } from "../records/paged-memory.ts";
import type { HeldPart } from "./held-memories.ts";
import { serialize } from "./keyv-bytes.ts";

/** A part of so many bytes lies in a record of its own. */
const longChars = 4_000;

interface SplitParts {
  readonly short: Parts;
  readonly long: ReadonlyMap<PartName, HeldPart>;
  /** Of the long ones that are not stored yet. */
  readonly bytes: readonly { readonly id: string; readonly bytes: string }[];
}

/** Keeps each known part that is still the same object. */
export function splitParts(
  memory: ConversationMemory,
  known: ReadonlyMap<PartName, HeldPart>,
  newId: () => string,
): SplitParts {
  const short: [PartName, HeldPart["value"]][] = [];
  const long = new Map<PartName, HeldPart>();
  const added: { id: string; bytes: string }[] = [];
  for (const name of partNames) {
    const value = memory[name];
    const before = known.get(name);
    if (value === undefined) continue;
    if (before?.value === value) {
      long.set(name, before);
      continue;
    }
    const bytes = serialize({ value });
    if (bytes.length < longChars) short.push([name, value]);
    else {
      const id = newId();
      long.set(name, { id, value, chars: bytes.length });
      added.push({ id, bytes });
    }
  }
  return { short: Object.fromEntries(short), long, bytes: added };
}

export function partIdsIn(parts: ReadonlyMap<PartName, HeldPart>): MemoryHead["parts"] {
  return Object.fromEntries(Array.from(parts, ([name, { id }]) => [name, id]));
}

export function partsIn(parts: ReadonlyMap<PartName, HeldPart>): Parts {
  return Object.fromEntries(Array.from(parts, ([name, { value }]) => [name, value]));
}
