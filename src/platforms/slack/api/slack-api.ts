import type { Logger } from "@slack/bolt";
import { WebClient, type WebClientOptions } from "@slack/web-api";

import { PlatformError } from "../../../ports/platform.ts";
import type { ChannelIds } from "./channel-ids.ts";
import { asPlatformError, codeOf, refusalIn } from "./slack-errors.ts";

const deadlineMs = 10_000;

/**
 * How every client of ours talks to Slack: no retries of its own (a repeated post is a second post), one try within
 * ten seconds, and a 429 is the caller's to deal with: left alone, it would pause every other call of the client too.
 */
export function clientOptions(apiUrl: string | undefined, logger: Logger): WebClientOptions {
  return {
    logger,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: deadlineMs,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
}

/** A post's limit is its channel's; every other method has one for the workspace. */
function limitOf(method: string, options: object): string {
  const isPost = method === "chat.postMessage" || method === "chat.postEphemeral";
  return isPost && "channel" in options ? `${method} ${String(options.channel)}` : method;
}

const mostPauses = 1_000;

/** Calls no method before the time that Slack asked for with a 429, whoever wants to. */
class PatientClient extends WebClient {
  readonly #nowMs: () => number;
  /** What Slack calls now what we call otherwise. */
  translate: (options: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> = (options) =>
    options;
  /** Undefined: Slack calls it nothing else by now. */
  translateAgain: ChannelIds["inCallAgain"] = async () => undefined;
  /** Method → until when; with the channel for posts. */
  readonly #pauses = new Map<string, number>();

  constructor(token: string, options: WebClientOptions, nowMs: () => number) {
    super(token, options);
    this.#nowMs = nowMs;
  }

  override async apiCall(method: string, ours: Record<string, unknown> = {}) {
    const options = this.translate(ours);
    try {
      return await this.#callOnce(method, { ...options });
    } catch (error) {
      const isIdUnknown = codeOf(error) === "channel_not_found";
      const again = isIdUnknown
        ? await this.translateAgain(ours, options, method.startsWith("chat."))
        : undefined;
      if (again === undefined) throw error;
      return this.#callOnce(method, { ...again });
    }
  }

  async #callOnce(method: string, options: Record<string, unknown>) {
    const limit = limitOf(method, options);
    const leftMs = (this.#pauses.get(limit) ?? 0) - this.#nowMs();
    if (leftMs > 0) {
      throw new PlatformError("rate-limited", "Slack asked to slow down", { retryAfterMs: leftMs });
    }
    try {
      return await super.apiCall(method, options);
    } catch (error) {
      const { kind, retryAfterMs } = asPlatformError(error);
      if (kind === "rate-limited") this.#pause(limit, retryAfterMs);
      throw error;
    }
  }

  #pause(limit: string, ms: number): void {
    const nowMs = this.#nowMs();
    this.#pauses.set(limit, nowMs + ms);
    if (this.#pauses.size <= mostPauses) return;
    for (const [each, untilMs] of this.#pauses) if (untilMs <= nowMs) this.#pauses.delete(each);
  }
}

/** Slack's Web API with deadlines and our errors. */
export class SlackApi {
  readonly #client: PatientClient;
  #refusal: string | undefined;
  #onRefused: (code: string) => void = () => undefined;

  constructor(token: string, options: WebClientOptions, nowMs: () => number) {
    this.#client = new PatientClient(token, options, nowMs);
  }

  /** Why Slack refuses the token now; undefined while it doesn't. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** From now on calls name channels as Slack does now. */
  use(ids: Pick<ChannelIds, "inCall" | "inCallAgain">): void {
    this.#client.translate = (options) => ids.inCall(options);
    this.#client.translateAgain = (...call) => ids.inCallAgain(...call);
  }

  /** From now on it is told of each refusal of the token, with Slack's own code. */
  watch(onRefused: (code: string) => void): void {
    this.#onRefused = onRefused;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  async call<T>(
    work: (client: WebClient) => Promise<T>,
    signal: AbortSignal,
    withinMs = deadlineMs,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      const result = await unlessAborted(
        work(this.#client),
        AbortSignal.any([signal, AbortSignal.timeout(withinMs)]),
      );
      this.#refusal = undefined;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const code = refusalIn(error);
      this.#refusal = code ?? this.#refusal;
      if (code !== undefined) this.#onRefused(code);
      throw asPlatformError(error);
    }
  }
}

/** The client takes no signal. What is given up here ends by itself at the client's own deadline. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const give = (): void => reject(signal.reason);
  signal.addEventListener("abort", give, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", give);
    work.catch(() => undefined);
  }
}
