/** A message in a chaos run. Each has its own token, and each answer repeats the tokens it answers. */
export interface Spoken {
  /** `c3m7`: the eighth message of conversation 3. */
  readonly token: string;
  readonly conversation: number;
  /** From 0. */
  readonly number: number;
}

const tokens = /\bc(?<conversation>\d+)m(?<number>\d+)\b/gu;

const versions = /\bv(?<version>\d+)\b/gu;

/** The versions of answers in a text, in order. Each answer of the model has its own, also one that is given again. */
export function versionsIn(text: string): readonly number[] {
  return [...text.matchAll(versions)].map((match) => Number(match.groups?.["version"]));
}

/** The words that only files hold, in order, with repetitions. */
export function fileWordsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/\bw\d+x\d+\b/gu), ([word]) => word);
}

/** The word in the file of a message. */
export function fileWordOf(conversation: number, number: number): string {
  return `w${conversation}x${number}`;
}

/** The same for a message that was seen. */
export function wordOf({ conversation, number }: Spoken): string {
  return fileWordOf(conversation, number);
}

/** Stands in the bytes of a recording in which a word is said, and nowhere else. */
export function soundOf(word: string): string {
  return `sound of ${word}`;
}

export function tokenOf(conversation: number, number: number): string {
  return `c${conversation}m${number}`;
}

/** The tokens in a text, in order. */
export function spokenIn(text: string): readonly Spoken[] {
  return [...text.matchAll(tokens)].map((match) => ({
    token: match[0],
    conversation: Number(match.groups?.["conversation"]),
    number: Number(match.groups?.["number"]),
  }));
}
