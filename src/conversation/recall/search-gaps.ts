/** What a search could not look into. */
export interface SearchGaps {
  /** How many places, because it is not known whether the readers may read them. */
  readonly places: number;
  /** True: there are more places than are searched at once, and some were not even asked about. */
  readonly morePlaces?: boolean;
  /** Of how many conversations the newest messages, which the archive does not have yet. */
  readonly conversations: number;
  /** True: the words stand in so many messages that only the newest of these were looked at. */
  readonly older: boolean;
  /** True: the words of older messages are still being gathered. */
  readonly unindexed: boolean;
}

/** For people, a line for each kind; none where everything was searched. */
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
