import type { ModelError, ModelErrorKind } from "../../ports/model.ts";
import { withReference } from "./user-messages.ts";

/** One line for each reason why the model gave no answer. `{soon}`: when to try again. */
const lines: Readonly<Record<ModelErrorKind, string>> = {
  unreachable: "I can't reach my language model right now. Please try again {soon}.",
  loading: "My language model is still loading. Please try again {soon}.",
  "rate-limited": "My language model is busy right now. Please try again {soon}.",
  "daily-quota": "I've used up today's quota with the AI provider. Please try again {soon}.",
  "out-of-quota": "My account with the AI provider has run out of credit. Please tell your admin.",
  "credit-too-small":
    "My credit with the AI provider isn't enough for an answer of this size. Please tell your admin.",
  "bad-key": "I'm not set up correctly (the AI provider rejects my key). Please tell your admin.",
  "not-allowed":
    "I'm not set up correctly (my account with the AI provider may not use this model). Please tell your admin.",
  unverified:
    "I'm not set up correctly (my account with the AI provider must be verified first). Please tell your admin.",
  region: "The AI provider doesn't serve the region I run in. Please tell your admin.",
  "unknown-model": "I'm set up for a model that's no longer available. Please tell your admin.",
  "not-installed":
    "I'm set up for a model that isn't installed or loaded on its server. Please tell your admin.",
  "not-a-model":
    "I'm not set up correctly (the address of my AI provider leads somewhere else). Please tell your admin.",
  refused: "My language model declined to answer that. Try rephrasing.",
  "context-too-long": "This conversation has grown too long for my language model. `/reset` starts over.",
  rejected: "My language model rejected that message. Please tell your admin if it happens again.",
  stalled: "My language model stopped in the middle of its answer. Please ask again.",
  "cut-off": "The connection to my language model broke in the middle of its answer. Please ask again.",
  empty: "My language model gave an empty answer. Please ask again, or rephrase.",
  "only-calls": "My language model kept looking things up and never answered. Please ask again, or rephrase.",
  "out-of-time": "I ran out of time before I had an answer. Please ask again, or ask for less.",
};

/** Replaces `{soon}` when the provider does not say when. */
const usually: Partial<Readonly<Record<ModelErrorKind, string>>> = {
  "rate-limited": "in a minute",
  "daily-quota": "tomorrow",
};

export function modelErrorMessage(
  { kind, retryAfterMs }: Pick<ModelError, "kind" | "retryAfterMs">,
  reference: string,
): string {
  const soon = retryAfterMs > 60_000 ? inAbout(retryAfterMs) : (usually[kind] ?? "in a few minutes");
  return withReference(lines[kind].replace("{soon}", soon), reference);
}

/** "in about 5 minutes". */
export function inAbout(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 90) return `in about ${minutes} minutes`;
  const hours = Math.ceil(minutes / 60);
  return hours <= 36 ? `in about ${hours} hours` : `in about ${Math.ceil(hours / 24)} days`;
}
