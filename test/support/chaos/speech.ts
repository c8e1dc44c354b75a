/** What is said in a chaos run: each message has a token of its own, and each answer repeats those that it answers. */
export interface Spoken {
  /** `c3m7`: the eighth message of the conversation 3. */
  readonly token: string;
  readonly conversation: number;
  /** From 0. */
  readonly number: number;
}

const tokens = /\bc(?<conversation>\d+)m(?<number>\d+)\b/gu;

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
