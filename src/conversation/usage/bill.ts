import type { Payer } from "../../domain/prompt.ts";
import type { SpendingLimit, SpendingLimits } from "../../domain/spending-limits.ts";
import type { Usage } from "../../domain/token-usage.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { ModelError, ModelErrorKind } from "../../ports/model.ts";
import type { Charge, UsageCounters } from "../../ports/usage.ts";
import { LimitError } from "./limits.ts";

/** What charging needs. */
export interface BillingPorts {
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
  "personImages",
  "placeImages",
  "openImages",
]);
/** Estimate used before a call. The real usage is settled afterwards. */
export const charsPerToken = 3;
const freeKinds: Readonly<Record<ModelErrorKind, boolean>> = {
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
  "out-of-time": false,
};

/** Whether the provider bills nothing for a failure. An answer that a person interrupted is billed. */
export function isFree({ kind }: ModelError): boolean {
  return freeKinds[kind];
}

interface Amounts {
  readonly tokens: number;
  readonly turns: number;
  /** Missing: 0. */
  readonly images?: number;
}

/** The charge for one model call: estimated before it, settled after it. */
export class Bill {
  readonly #ports: BillingPorts;
  readonly #payer: Payer;
  readonly #charged: Amounts;
  readonly #atMs: number;

  private constructor(ports: BillingPorts, payer: Payer, charged: Amounts, atMs: number) {
    this.#ports = ports;
    this.#payer = payer;
    this.#charged = charged;
    this.#atMs = atMs;
  }

  /** @throws {LimitError}, {StoreError} */
  static async open(ports: BillingPorts, payer: Payer, charged: Amounts, signal: AbortSignal): Promise<Bill> {
    const atMs = ports.clock.nowMs();
    const charges = chargesOf(ports.limits, payer, charged);
    const isLimited = charges.some(({ limit }) => limit !== undefined);
    const over = isLimited ? await ports.usage.charge(charges, atMs, signal) : undefined;
    if (over !== undefined) throw limitErrorOf(ports, over);
    // Without a limit nothing is to be waited for.
    if (!isLimited) ports.usage.adjust(charges, atMs);
    return new Bill(ports, payer, charged, atMs);
  }

  /** Corrects the estimate to the real usage. Estimates the reply from its characters if the provider reports none. */
  settle(usage: Usage | undefined, chars: number): void {
    const { tokens } = this.#charged;
    const more =
      usage === undefined
        ? Math.ceil(chars / charsPerToken)
        : usage.promptTokens + usage.replyTokens - tokens;
    this.#adjust({ tokens: more, turns: 0 });
  }

  /** Undoes the charge. Returns the turns that the next call has to charge again. */
  refund(): number {
    const { tokens, turns, images = 0 } = this.#charged;
    this.#adjust({ tokens: -tokens, turns: -turns, images: -images });
    return turns;
  }

  /** The same for its turns alone: the provider bills its tokens. */
  refundTurns(): number {
    const { turns } = this.#charged;
    this.#adjust({ tokens: 0, turns: -turns });
    return turns;
  }

  /** The answer doesn't wait for it. */
  #adjust(amounts: Amounts): void {
    const { usage, limits } = this.#ports;
    const charges = chargesOf(limits, this.#payer, amounts).filter(({ amount }) => amount !== 0);
    if (charges.length > 0) usage.adjust(charges, this.#atMs);
  }
}

function chargesOf(
  limits: SpendingLimits,
  { conversation, platform, place, person, isSummary }: Payer,
  { tokens, turns, images = 0 }: Amounts,
): readonly Charge[] {
  const charge = (kind: SpendingLimit, amount: number, ...of: readonly string[]): Charge => ({
    counter: counterOf(kind, ...of),
    amount,
    ...(limits[kind] > 0 ? { limit: limits[kind] } : {}),
  });
  const asked = person === undefined ? 0 : turns;
  const ofPerson = (kind: SpendingLimit, amount: number): readonly Charge[] =>
    person === undefined ? [] : [charge(kind, amount, platform, person)];
  const isOpen = limits.openPlatforms.has(platform);
  return [
    ...ofPerson("personTurns", turns),
    ...ofPerson("personTokens", tokens),
    charge("placeTurns", asked, platform, place),
    charge("placeTokens", tokens, platform, place),
    ...(isOpen ? [charge("openTurns", asked, platform), charge("openTokens", tokens, platform)] : []),
    ...(images === 0
      ? []
      : [...ofPerson("personImages", images), charge("placeImages", images, platform, place)]),
    ...(images !== 0 && isOpen ? [charge("openImages", images, platform)] : []),
    ...(isSummary === true ? [charge("summaries", turns, conversation)] : []),
  ];
}

function limitErrorOf({ limits, log }: BillingPorts, { counter }: Charge): LimitError {
  const [kind = ""] = counter.split(":", 1);
  const limit = isLimit(kind) ? kind : "placeTokens";
  log.warn(
    { limit, most: limits[limit] },
    "daily limit reached, model not called; raise the limit if this is too low",
  );
  return new LimitError(limit);
}

function isLimit(kind: string): kind is SpendingLimit {
  return kinds.has(kind);
}

/** The counter of a limit, for a person, a place or a platform. */
export function counterOf(kind: SpendingLimit, ...of: readonly string[]): string {
  return `${kind}:${counterKey(...of)}`;
}

/** A counter name that stays unique whatever characters the parts hold. */
export function counterKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
