import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

import { wordsOf } from "../../../domain/search-words.ts";

/** Where a message lies. */
export interface WordLocation {
  readonly conversation: string;
  readonly platform: string;
  readonly place: string;
}

/** A text as indexed. */
export function indexedWords(text: string): string {
  return wordsOf(text).join(" ");
}

/** The place and the conversation of a message as indexed: one word each. */
export function locationOf({ conversation, platform, place }: WordLocation): string {
  return `${tokenOf("p", `${platform}\n${place}`)} ${tokenOf("c", conversation)}`;
}

/** One word for a place ("p") or a conversation ("c"). */
export function tokenOf(kind: "p" | "c", name: string): string {
  return `${kind}${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;
}

/** The same as SQL functions, for the triggers that remove a message from the index. */
export function addWordFunctions(database: DatabaseSync): void {
  database.function("words_in", { deterministic: true }, (text) => indexedWords(String(text)));
  database.function("home_of", { deterministic: true }, (conversation, platform, place) =>
    locationOf({
      conversation: String(conversation),
      platform: String(platform),
      place: String(place),
    }),
  );
}
