import type { ConversationKey } from "../domain/conversation.ts";
import type { Prompt } from "../domain/prompt.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { ModelError, type Model, type ModelErrorKind } from "../ports/model.ts";
import type { Charge, Slot, UsageCounters } from "../ports/usage.ts";
import { askModel, type Answer, type Asking } from "./ask-model.ts";

/** How much may be spent in a day (UTC), and at once. 0: no limit. */
export interface SpendingLimits {
  readonly personTurns: number;
  readonly personTokens: number;
  readonly placeTurns: number;
  readonly placeTokens: number;
  /** Of one conversation in a day. */
  readonly summaries: number;
  /** Answers for one person at the same moment, in all conversations. */
  readonly personAtOnce: number;
}

export type SpendingLimit = Exclude<keyof SpendingLimits, "personAtOnce">;

/** Who causes a call of the model, and where. */
export interface Payer {
  readonly conversation: ConversationKey;
  readonly platform: string;
  readonly place: string;
  /** The Author's id. Missing: nobody asked, as for a summary made in the background. */
  readonly person?: string;
  readonly isSummary?: true;
}

export interface SpendingPorts {
  readonly model: Model;
  readonly usage: UsageCounters;
  readonly limits: SpendingLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/** The model was not asked: that would pass a limit of the day. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit: SpendingLimit;

  constructor(limit: SpendingLimit) {
    super(`The limit of the day is reached: ${limit}`);
    this.limit = limit;
  }
}

/** As many turns of the person run already: this one is for later. */
export class TooManyAtOnceError extends Error {
  override readonly name = "TooManyAtOnceError";
}

/** Longer than any turn runs; a slot of a process that died ends after it. */
const slotMs = 600_000;
/** About so many characters are a token. What was really used is settled afterwards. */
const charsPerToken = 3;
/** Less of the text is billed, or none. What a person interrupted was billed. */
const isFree: Readonly<Record<ModelErrorKind, boolean>> = {
  unreachable: true,
  "rate-limited": true,
  "out-of-quota": true,
  "bad-key": true,
  "unknown-model": true,
  "context-too-long": true,
  rejected: true,
  refused: false,
  stalled: false,
  "cut-off": false,
  empty: false,
};

/**
 * Asks the model after counting the call against the limits of the day; the tokens that it took are settled afterwards.
 * @throws {LimitError} and then nothing was asked, {ModelError}, {StoreError}, or the signal's reason.
 */
export async function askWithinLimits(
  ports: SpendingPorts,
  payer: Payer,
  { prompt, asking }: { readonly prompt: Prompt; readonly asking: Asking },
  signal: AbortSignal,
): Promise<Answer> {
  const { model, usage, clock } = ports;
  const startedAtMs = clock.nowMs();
  const estimate = estimateOf(prompt);
  const over = await usage.charge(chargesOf(ports.limits, payer, estimate), startedAtMs, signal);
  if (over !== undefined) throw limitErrorOf(ports, over);
  const settle = async (tokens: number, turns: number): Promise<void> => {
    const charges = chargesOf(ports.limits, payer, tokens, turns).filter(({ amount }) => amount !== 0);
    // A count that is a little too high until tomorrow must not cost the answer.
    const unsettled = (error: unknown): void => ports.log.debug({ err: error }, "usage was not settled");
    await usage.charge(charges.map(withoutLimit), startedAtMs, AbortSignal.timeout(5_000)).catch(unsettled);
  };
  try {
    const answer = await askModel(model, prompt, asking, signal);
    if (answer.usage !== undefined)
      await settle(answer.usage.promptTokens + answer.usage.replyTokens - estimate, 0);
    return answer;
  } catch (error) {
    if (error instanceof ModelError && isFree[error.kind]) await settle(-estimate, -1);
    throw error;
  }
}

/** Takes one of the person's places among what runs at once, until it is disposed. @throws {TooManyAtOnceError}, {StoreError} */
export async function enterTurn(
  { usage, limits, clock }: Pick<SpendingPorts, "usage" | "limits" | "clock">,
  { platform, person, turn }: { readonly platform: string; readonly person: string; readonly turn: string },
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const slot: Slot = { holder: nameOf(platform, person), turn };
  const most = limits.personAtOnce;
  if (most > 0 && !(await usage.enter(slot, { most, heldMs: slotMs }, clock.nowMs(), signal))) {
    throw new TooManyAtOnceError("The person has as many answers under way as they may have at once");
  }
  return {
    // What can't be left now ends by itself.
    [Symbol.asyncDispose]: () => usage.leave(slot, AbortSignal.timeout(5_000)).catch(() => undefined),
  };
}

function chargesOf(
  limits: SpendingLimits,
  { conversation, platform, place, person, isSummary }: Payer,
  tokens: number,
  turns = 1,
): readonly Charge[] {
  const charge = (kind: SpendingLimit, amount: number, ...of: readonly string[]): Charge => ({
    counter: `${kind}:${nameOf(...of)}`,
    amount,
    ...(limits[kind] > 0 ? { limit: limits[kind] } : {}),
  });
  const asked = person === undefined ? 0 : turns;
  return [
    ...(person === undefined
      ? []
      : [charge("personTurns", turns, platform, person), charge("personTokens", tokens, platform, person)]),
    charge("placeTurns", asked, platform, place),
    charge("placeTokens", tokens, platform, place),
    ...(isSummary === true ? [charge("summaries", turns, conversation)] : []),
  ];
}

function limitErrorOf({ limits, log }: SpendingPorts, { counter }: Charge): LimitError {
  const [kind = ""] = counter.split(":", 1);
  const limit = isLimit(kind) ? kind : "placeTokens";
  log.warn({ limit, most: limits[limit] }, "a limit of the day is reached; the model is not asked");
  return new LimitError(limit);
}

function isLimit(kind: string): kind is SpendingLimit {
  return ["personTurns", "personTokens", "placeTurns", "placeTokens", "summaries"].includes(kind);
}

function withoutLimit({ counter, amount }: Charge): Charge {
  return { counter, amount };
}

function estimateOf({ instructions, messages, tools, calls }: Prompt): number {
  const chars = messages.reduce((sum, { text }) => sum + text.length, instructions.length);
  const more = JSON.stringify([tools ?? [], calls ?? []]).length;
  return Math.ceil((chars + more) / charsPerToken);
}

function nameOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
