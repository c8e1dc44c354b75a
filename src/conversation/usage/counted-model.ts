import type { ConversationKey } from "../../domain/conversation.ts";
import type { Prompt } from "../../domain/prompt.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { ModelError, type Model, type ModelErrorKind, type Usage } from "../../ports/model.ts";
import type { Charge, UsageCounters } from "../../ports/usage.ts";
import { type SpendingLimits, type SpendingLimit, LimitError } from "./limits.ts";

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

const kinds: ReadonlySet<string> = new Set<SpendingLimit>([
  "personTurns",
  "personTokens",
  "placeTurns",
  "placeTokens",
  "openTurns",
  "openTokens",
  "summaries",
]);
/** About so many characters are a token. What was really used is settled afterwards. */
const charsPerToken = 3;
/** Less of the text is billed, or none. What a person interrupted was billed. */
const isFree: Readonly<Record<ModelErrorKind, boolean>> = {
  unreachable: true,
  loading: true,
  "rate-limited": true,
  "out-of-quota": true,
  "bad-key": true,
  "credit-too-small": true,
  "daily-quota": true,
  "not-allowed": true,
  unverified: true,
  region: true,
  "unknown-model": true,
  "not-installed": true,
  "not-a-model": true,
  "context-too-long": true,
  rejected: true,
  refused: false,
  stalled: false,
  "cut-off": false,
  empty: false,
  "only-calls": false,
};

/** A model whose calls are paid for: one answer is one turn, however many calls it takes. */
export function countedModel(ports: SpendingPorts, payer: Payer): Pick<Model, "answer"> {
  let turns = 1;
  return {
    answer: async function* (prompt, signal) {
      const bill = await Bill.open(ports, payer, { tokens: estimateOf(prompt), turns }, signal);
      turns = 0;
      let chars = 0;
      try {
        for await (const output of ports.model.answer(prompt, signal)) {
          if (output.kind === "piece") chars += output.text.length;
          if (output.kind === "called" || output.kind === "finished") await bill.settle(output.usage, chars);
          yield output;
        }
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        if (isFree[error.kind]) turns = await bill.refund();
        else await bill.settle(error.usage, chars);
        throw error;
      }
    },
  };
}

interface Amounts {
  readonly tokens: number;
  readonly turns: number;
}

/** What one call was estimated to take, and what is settled when it is over. */
class Bill {
  readonly #ports: SpendingPorts;
  readonly #payer: Payer;
  readonly #charged: Amounts;
  readonly #atMs: number;

  private constructor(ports: SpendingPorts, payer: Payer, charged: Amounts, atMs: number) {
    this.#ports = ports;
    this.#payer = payer;
    this.#charged = charged;
    this.#atMs = atMs;
  }

  /** @throws {LimitError}, {StoreError} */
  static async open(
    ports: SpendingPorts,
    payer: Payer,
    charged: Amounts,
    signal: AbortSignal,
  ): Promise<Bill> {
    const atMs = ports.clock.nowMs();
    const over = await ports.usage.charge(chargesOf(ports.limits, payer, charged), atMs, signal);
    if (over !== undefined) throw limitErrorOf(ports, over);
    return new Bill(ports, payer, charged, atMs);
  }

  /** Where the provider says nothing, the answer is estimated too. */
  async settle(usage: Usage | undefined, chars: number): Promise<void> {
    const { tokens } = this.#charged;
    const more =
      usage === undefined
        ? Math.ceil(chars / charsPerToken)
        : usage.promptTokens + usage.replyTokens - tokens;
    await this.#charge({ tokens: more, turns: 0 });
  }

  /** Gives the turns that count again with the next call. */
  async refund(): Promise<number> {
    const { tokens, turns } = this.#charged;
    await this.#charge({ tokens: -tokens, turns: -turns });
    return turns;
  }

  async #charge(amounts: Amounts): Promise<void> {
    const { usage, limits, log } = this.#ports;
    const charges = chargesOf(limits, this.#payer, amounts).filter(({ amount }) => amount !== 0);
    if (charges.length === 0) return;
    // A count that is a little too high until tomorrow must not cost the answer.
    const unsettled = (error: unknown): void => log.debug({ err: error }, "usage was not settled");
    await usage.charge(charges.map(removeLimit), this.#atMs, AbortSignal.timeout(5_000)).catch(unsettled);
  }
}

function chargesOf(
  limits: SpendingLimits,
  { conversation, platform, place, person, isSummary }: Payer,
  { tokens, turns }: Amounts,
): readonly Charge[] {
  const charge = (kind: SpendingLimit, amount: number, ...of: readonly string[]): Charge => ({
    counter: `${kind}:${counterKey(...of)}`,
    amount,
    ...(limits[kind] > 0 ? { limit: limits[kind] } : {}),
  });
  const asked = person === undefined ? 0 : turns;
  const isOpen = limits.openPlatforms.has(platform);
  return [
    ...(person === undefined
      ? []
      : [charge("personTurns", turns, platform, person), charge("personTokens", tokens, platform, person)]),
    charge("placeTurns", asked, platform, place),
    charge("placeTokens", tokens, platform, place),
    ...(isOpen ? [charge("openTurns", asked, platform), charge("openTokens", tokens, platform)] : []),
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
  return kinds.has(kind);
}

function removeLimit({ counter, amount }: Charge): Charge {
  return { counter, amount };
}

function estimateOf({ instructions, messages, tools, calls }: Prompt): number {
  const chars = messages.reduce((sum, { text }) => sum + text.length, instructions.length);
  const more = JSON.stringify([tools ?? [], calls ?? []]).length;
  return Math.ceil((chars + more) / charsPerToken);
}

export function counterKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
