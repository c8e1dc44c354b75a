import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

import { wordsOf } from "../../../domain/search-words.ts";

interface WordLocation {
  readonly conversation: string;
  readonly platform: string;
  readonly place: string;
}

/** A text as the index takes it. */
export function indexedWords(text: string): string {
  return wordsOf(text).join(" ");
}

/** Where a message was said, as the index takes it: a word for the place, and one for the conversation. */
export function locationOf({ conversation, platform, place }: WordLocation): string {
  return `${tokenOf("p", `${platform}\n${place}`)} ${tokenOf("c", conversation)}`;
}

/** One word for a place ("p") or a conversation ("c"). */
export function tokenOf(kind: "p" | "c", name: string): string {
  return `${kind}${createHash("sha256").update(name).digest("hex").slice(0, 24)}`;
}

/** The same as functions in SQL, for the triggers that take a message out of the index. */
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
