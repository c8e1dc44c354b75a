/** What a search could not cover. */
export interface SearchGaps {
  /** Number of places for which it is unknown whether the readers may read them. */
  readonly places: number;
  /** There are more places than one search covers. */
  readonly morePlaces?: boolean;
  /** Number of conversations whose newest messages are not in the archive yet and were not read. */
  readonly conversations: number;
  /** So many messages match that only the newest were ranked. */
  readonly older: boolean;
  /** The search index of older messages is still being built. */
  readonly unindexed: boolean;
}

/** Describes the gaps to people, one line each. Empty if everything was searched. */
export function describeGaps({
  places,
  morePlaces,
  conversations,
  older,
  unindexed,
}: SearchGaps): readonly string[] {
  const lines: string[] = [];
  if (places > 0)
    lines.push(`I couldn't search ${countOf(places, "channel")} just now. Please try again in a minute.`);
  if (morePlaces === true)
    lines.push("There are more channels here than I can search at once, so I skipped some.");
  if (conversations > 0) {
    const count = countOf(conversations, "conversation");
    lines.push(`I couldn't search the latest messages of ${count}. Please try again in a minute.`);
  }
  if (older)
    lines.push("Many messages have these words, so I only searched the newest. A rarer word may find more.");
  if (unindexed)
    lines.push("I'm still preparing the search of older messages after an update. Please try again later.");
  return lines;
}

function countOf(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`;
}
