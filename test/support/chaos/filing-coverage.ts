import { unreadIn } from "./filer.ts";
import { filingKinds, type FilingKind, type FilingTalk } from "./filings.ts";
import type { Asked } from "./telling-model.ts";

const mostUnreadShare = 0.25;
/** Of so many, one at least is known later. */
const enough = 5;

/** What shows that the judgement of files means nothing. `kept`: what all stores hold, where they are shared. */
export function coverageFaults(
  filers: readonly FilingTalk[],
  asked: readonly Asked[],
  kept: string | undefined,
): readonly string[] {
  const filings = filers.reduce((total, each) => total + each.filings.length, 0);
  const unread = filers.reduce((total, filer) => total + unreadIn(filer), 0);
  const kinds = [...new Set(filingKinds)].filter((kind) => kind !== "broken");
  return [
    ...(unread > filings * mostUnreadShare ? [`${unread} good files were not read`] : []),
    ...(isAnyUnseen(filers, kept) ? ["the search for taken back files finds none that stayed"] : []),
    ...kinds
      .filter((kind) => isNeverKnown(kind, filers, asked))
      .map((kind) => `no later prompt knows any ${kind}`),
  ];
}

/** Whether no later prompt holds the word of any file of this kind. */
function isNeverKnown(kind: FilingKind, filers: readonly FilingTalk[], asked: readonly Asked[]): boolean {
  const words = filers.flatMap(({ filings }) =>
    filings.flatMap((each) => (each.kind === kind && each.takenBack === undefined ? [each.word] : [])),
  );
  const later = new Set(
    asked.flatMap(({ words: { said }, asksWords }) => said.filter((each) => !asksWords.includes(each))),
  );
  return words.length >= enough && !words.some((word) => later.has(word));
}

/** Whether a file that stays is not found, so that the search for the others means nothing. */
function isAnyUnseen(filers: readonly FilingTalk[], kept: string | undefined): boolean {
  const staying = filers.flatMap(({ filings }) =>
    filings.filter(({ kind, takenBack }) => kind !== "broken" && takenBack === undefined),
  );
  return kept !== undefined && staying.length > 0 && !staying.some(({ word }) => kept.includes(word));
}
