import { isCutAnswer } from "../../../src/domain/cut-answer.ts";
import type { ArchivedText } from "./archived.ts";
import { isAnswerTo, timesIn } from "./filer.ts";
import { isMade, type Filing, type FilingTalk } from "./filings.ts";
import { soundOf, tokenOf } from "./speech.ts";
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
 * The faults: a file whose word is not in the prompt and in the answer once; one that was taken back and is in a later prompt, a post,
 * the archive or a store; a made image that is not posted once; a recording whose sound is kept. A file that could not be read
 * in time is told, and is no fault.
 */
export function judgeFiles(talk: FilingTalk, evidence: FileEvidence): readonly string[] {
  const { conversation, town, corner, filings } = talk;
  const [posts, images] = [corner.seen(), corner.images()];
  const asked = evidence.asked.filter(({ said }) => said.some((each) => each.conversation === conversation));
  const others = evidence.asked.filter((each) => !asked.includes(each));
  return filings.flatMap((filing) =>
    [
      ...answerFaults(filing, tokenOf(conversation, filing.number), { posts, asked }),
      ...imageFaults(filing, images, posts),
      ...promptFaults(filing, tokenOf(conversation, filing.number), asked),
      ...(others.some((each) => timesInPrompt(each, filing.word) > 0)
        ? ["is in a prompt of another conversation"]
        : []),
      ...storeFaults(filing, evidence),
    ].map((what) => `${town} conversation ${conversation}: the file of message ${filing.number} ${what}`),
  );
}

function answerFaults(
  { word, kind, takenBack }: Filing,
  token: string,
  { posts, asked }: { readonly posts: readonly Seen[]; readonly asked: readonly Asked[] },
): readonly string[] {
  if (takenBack !== undefined)
    return posts.some(({ text }) => timesIn(text, word) > 0)
      ? ["was taken back, and a post shows its word"]
      : [];
  const answers = posts.filter(isAnswerTo(token));
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) return [`has ${answers.length} answers`];
  const isTold = answer.text.includes("I couldn't read");
  const isCut = isCutAnswer(answer.text);
  if (kind === "broken") return isTold || isCut ? [] : ["is broken, and nobody was told"];
  const times = timesIn(answer.text, word);
  // What was heard is quoted above the answer.
  if (times === (kind === "voice" ? 2 : 1)) return [];
  // The reason stands under the answer once it is complete.
  const wasRead = asked.some((each) => timesInPrompt(each, word) > 0);
  const isUnread = times === 0 && (isTold || (isCut && !wasRead));
  return isUnread ? [] : [`is ${times} times in its answer`];
}

function imageFaults(filing: Filing, images: readonly string[], posts: readonly Seen[]): readonly string[] {
  const { word, takenBack } = filing;
  const times = images.filter((each) => each === word).length;
  if (takenBack !== undefined) return times > 0 ? ["was taken back, and its image stands there"] : [];
  const due = isMade(filing) ? 1 : 0;
  const isTold = posts.some(({ text }) => text.includes("couldn't make that image"));
  return times === due || (times === 0 && isTold) ? [] : [`has ${times} posted images`];
}

function promptFaults(
  { number, word, kind, takenBack }: Filing,
  token: string,
  asked: readonly Asked[],
): readonly string[] {
  const wasRead = asked.some((each) => timesInPrompt(each, word) > 0);
  // An image that nobody has described yet is named by later prompts.
  const describedFrom = Math.min(
    ...asked.flatMap((each) => (saidTimes(each, word) > 0 && !isAbout(each, token) ? [newestIn(each)] : [])),
  );
  return asked.flatMap((each) => {
    const last = newestIn(each);
    const times = saidTimes(each, word);
    const at = `in a prompt about message ${last}`;
    if (takenBack !== undefined && last > number)
      return timesInPrompt(each, word) > 0 ? [`was taken back, and its word is ${at}`] : [];
    if (times > 1) return [`is ${times} times ${at}`];
    const isAsked = each.said.some((said) => said.token === token);
    const isKnown = kind === "image" ? last > describedFrom : wasRead && kind !== "broken";
    const isDue = isAsked && isKnown && each.atMs < (takenBack?.fromMs ?? Infinity);
    return isDue && times === 0 ? [`is not ${at}`] : [];
  });
}

function newestIn({ said }: Asked): number {
  return Math.max(...said.map(({ number }) => number));
}

function isAbout({ asks }: Asked, token: string): boolean {
  return asks.some((each) => each.token === token);
}

function saidTimes({ words }: Asked, word: string): number {
  return words.said.filter((each) => each === word).length;
}

function timesInPrompt({ words }: Asked, word: string): number {
  return [...words.said, ...words.answered].filter((each) => each === word).length;
}

function storeFaults(
  { word, kind, takenBack }: Filing,
  { archived = [], keeps }: FileEvidence,
): readonly string[] {
  const holding = archived.filter(({ words }) => words.includes(word));
  const sound = kind === "voice" ? keeps?.(soundOf(word)) : undefined;
  const heard = sound === undefined ? [] : [`is spoken, and a store holds its sound: ${sound}`];
  if (takenBack === undefined)
    return [
      ...heard,
      ...(holding.filter(({ role }) => role === "person").length > 1 ? ["is in two archived messages"] : []),
    ];
  const kept = keeps?.(word);
  return [
    ...heard,
    ...(holding.length > 0 ? ["was taken back, and the archive holds its word"] : []),
    ...(kept === undefined ? [] : [`was taken back, and a store holds its word: ${kept}`]),
  ];
}
