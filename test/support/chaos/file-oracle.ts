import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import type { ArchivedText } from "./archived.ts";
import { isAnswerTo, timesIn, type Filing, type FilingTalk } from "./filer.ts";
import { tokenOf } from "./speech.ts";
import type { Asked } from "./telling-model.ts";
import type { Seen } from "./town.ts";

/** What is known of files at the end. */
export interface FileEvidence {
  readonly asked: readonly Asked[];
  /** Missing: each replica has an archive of its own, and the others do not hear what one erases. */
  readonly archived?: readonly ArchivedText[] | undefined;
  /** What holds a word in any store. Missing: as for `archived`. */
  readonly keeps?: ((word: string) => string | undefined) | undefined;
}

/**
 * The faults: a file whose word is not in the prompt and in the answer once, and one that was taken back and is in a later prompt,
 * a post, the archive or a store. A file that could not be read in time is told, and is no fault.
 */
export function judgeFiles(talk: FilingTalk, evidence: FileEvidence): readonly string[] {
  const { conversation, town, corner, filings } = talk;
  const posts = corner.seen();
  const asked = evidence.asked.filter(({ said }) => said.some((each) => each.conversation === conversation));
  const others = evidence.asked.filter((each) => !asked.includes(each));
  return filings.flatMap((filing) =>
    [
      ...answerFaults(filing, tokenOf(conversation, filing.number), posts),
      ...promptFaults(filing, tokenOf(conversation, filing.number), asked),
      ...(others.some((each) => timesInPrompt(each, filing.word) > 0)
        ? ["is in a prompt of another conversation"]
        : []),
      ...storeFaults(filing, evidence),
    ].map((what) => `${town} conversation ${conversation}: the file of message ${filing.number} ${what}`),
  );
}

function answerFaults(
  { word, isReadable, takenBack }: Filing,
  token: string,
  posts: readonly Seen[],
): readonly string[] {
  if (takenBack !== undefined)
    return posts.some(({ text }) => timesIn(text, word) > 0)
      ? ["was taken back, and a post shows its word"]
      : [];
  const answers = posts.filter(isAnswerTo(token));
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) return [`has ${answers.length} answers`];
  const isTold = answer.text.includes("I couldn't read");
  if (!isReadable) return isTold || isCutAnswer(answer.text) ? [] : ["is broken, and nobody was told"];
  const times = timesIn(answer.text, word);
  return times === 1 || (times === 0 && isTold) ? [] : [`is ${times} times in its answer`];
}

function promptFaults(
  { number, word, isReadable, takenBack }: Filing,
  token: string,
  asked: readonly Asked[],
): readonly string[] {
  const wasRead = asked.some((each) => timesInPrompt(each, word) > 0);
  return asked.flatMap((each) => {
    const last = Math.max(...each.said.map((said) => said.number));
    const times = each.words.said.filter((said) => said === word).length;
    const at = `in a prompt about message ${last}`;
    if (takenBack !== undefined && last > number)
      return timesInPrompt(each, word) > 0 ? [`was taken back, and its word is ${at}`] : [];
    if (times > 1) return [`is ${times} times ${at}`];
    const isAsked = each.said.some((said) => said.token === token);
    const isDue = isAsked && isReadable && wasRead && each.atMs < (takenBack?.fromMs ?? Infinity);
    return isDue && times === 0 ? [`is not ${at}`] : [];
  });
}

function timesInPrompt({ words }: Asked, word: string): number {
  return [...words.said, ...words.answered].filter((each) => each === word).length;
}

function storeFaults({ word, takenBack }: Filing, { archived = [], keeps }: FileEvidence): readonly string[] {
  const holding = archived.filter(({ words }) => words.includes(word));
  if (takenBack === undefined)
    return holding.filter(({ role }) => role === "person").length > 1 ? ["is in two archived messages"] : [];
  const kept = keeps?.(word);
  return [
    ...(holding.length > 0 ? ["was taken back, and the archive holds its word"] : []),
    ...(kept === undefined ? [] : [`was taken back, and a store holds its word: ${kept}`]),
  ];
}
