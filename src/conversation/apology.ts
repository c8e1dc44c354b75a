import type { ModelErrorKind } from "../ports/model.ts";

/** What a person reads when there is no answer; each line says what to do. */
const byModelError: Readonly<Record<ModelErrorKind, string>> = {
  unreachable: "I can't reach my language model right now. Please try again in a few minutes.",
  "rate-limited": "My language model is busy right now. Please try again in a minute.",
  "out-of-quota": "My language model account has run out of credit. Please tell whoever runs me.",
  "bad-key": "My language model refuses my key. Please tell whoever runs me.",
  "unknown-model":
    "The language model that I am set up to use does not exist any more. Please tell whoever runs me.",
  refused: "The language model declined to answer that. You could put it differently.",
  "context-too-long":
    "This conversation has grown too long for my language model. `/reset` starts a fresh chapter.",
  rejected: "My language model did not accept that message. Please tell whoever runs me if it happens again.",
  stalled: "My language model stopped in the middle of its answer. Please ask again.",
  "cut-off": "The connection to my language model broke in the middle of its answer. Please ask again.",
  empty: "My language model gave an empty answer. Please ask again, perhaps in other words.",
};

export function apologyFor(kind: ModelErrorKind, reference: string): string {
  return withReference(byModelError[kind], reference);
}

/** For a turn that failed again and again, for a reason that is ours. */
export function givenUp(reference: string): string {
  return withReference(
    "I could not answer this; something goes wrong on my side each time I try.",
    reference,
  );
}

/** Shown while the store of memory is away; the answer takes its place later. */
export function waitingForMemory(reference: string): string {
  return withReference(
    "I can't reach my memory right now. I'll answer here as soon as it is back.",
    reference,
  );
}

/** The notes of a conversation were unreadable. */
export function memorySetAside(reference: string): string {
  return withReference(
    "I could not read my notes of this conversation, so from here on I remember only what is said now. They were put aside for whoever runs me.",
    reference,
  );
}

function withReference(text: string, reference: string): string {
  return `${text} (Reference: ${reference})`;
}
