import type { Logger } from "@slack/bolt";
import { WebClient, type FetchFunction, type WebClientOptions } from "@slack/web-api";

import { PlatformError } from "../../../ports/platform-error.ts";
import type { ChannelIds } from "./channel-ids.ts";
import { MethodCalls } from "./method-calls.ts";
import { toPlatformError, slackCodeOf, tokenRefusalIn } from "./slack-errors.ts";
import type { OutboundProxy } from "../../../runtime/addresses/outbound-proxy.ts";
import { dispatcherFor, leanFetch } from "../../../runtime/fetch/lean-fetch.ts";
import { withDeadline } from "../../../async/deadline.ts";
import { Deadlines } from "../../../async/deadlines.ts";

const deadlineMs = 10_000;
/** Of each workspace; more only begin when others end. Slack answers within a few hundred milliseconds. */
const maxCallsAtOnce = 100;

interface ClientSettings {
  /** Ends in `/api/`. Undefined: Slack's own. */
  readonly apiUrl: string | undefined;
  readonly logger: Logger;
  /** Undefined: Slack is reached directly. */
  readonly proxy: OutboundProxy | undefined;
}

export interface ClientOptions extends WebClientOptions {
  readonly logger: Logger;
  /** For each workspace its own, so that one whose calls hang holds up no other. They share connections. */
  readonly openFetch: () => FetchFunction;
}

/**
 * Options of every client: no retries (a repeated post would be a second post), one attempt of ten seconds, and a 429 is
 * the caller's to handle: by default it would pause all other calls of the client too.
 */
export function clientOptions({ apiUrl, logger, proxy }: ClientSettings): ClientOptions {
  const dispatcher = dispatcherFor(proxy);
  return {
    logger,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // The client's own timeout is a signal for each call, which lives on after the call.
    openFetch: () => leanFetch({ proxy, dispatcher, timeoutMs: deadlineMs, maxRequests: maxCallsAtOnce }),
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
}

/** The name of the rate limit: posts have one per channel, every other method one per workspace. */
function limitOf(method: string, options: object): string {
  const isPost = method === "chat.postMessage" || method === "chat.postEphemeral";
  return isPost && "channel" in options ? `${method} ${String(options.channel)}` : method;
}

const maxPauses = 1_000;

/** After a 429 it refuses calls under the same limit until Slack's Retry-After is over. */
class RateLimitedClient extends WebClient {
  readonly #nowMs: () => number;
  readonly #calls: MethodCalls;
  /** Puts the current channel ids into the options of a call. */
  withCurrentIds: (options: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> = (
    options,
  ) => options;
  /** Undefined: there is no newer id. */
  withNewerIds: ChannelIds["withNewerIds"] = async () => undefined;
  /** Name of the limit → end of its pause. */
  readonly #pauses = new Map<string, number>();

  constructor(token: string, options: ClientOptions, nowMs: () => number) {
    const fetch = options.openFetch();
    super(token, { ...options, fetch });
    this.#nowMs = nowMs;
    this.#calls = new MethodCalls({ ...options, fetch, apiUrl: this.slackApiUrl, token });
  }

  override async apiCall(method: string, given: Record<string, unknown> = {}) {
    const options = this.withCurrentIds(given);
    try {
      return await this.#callOnce(method, options);
    } catch (error) {
      const isIdUnknown = slackCodeOf(error) === "channel_not_found";
      const again = isIdUnknown
        ? await this.withNewerIds(given, options, method.startsWith("chat."))
        : undefined;
      if (again === undefined) throw error;
      return this.#callOnce(method, again);
    }
  }

  async #callOnce(method: string, options: Readonly<Record<string, unknown>>) {
    const limit = limitOf(method, options);
    const leftMs = (this.#pauses.get(limit) ?? 0) - this.#nowMs();
    if (leftMs > 0) {
      throw new PlatformError("rate-limited", "Slack's rate limit is reached", { retryAfterMs: leftMs });
    }
    try {
      return await this.#calls.call(method, options);
    } catch (error) {
      const { kind, retryAfterMs } = toPlatformError(error);
      if (kind === "rate-limited") this.#pause(limit, retryAfterMs);
      throw error;
    }
  }

  #pause(limit: string, ms: number): void {
    const nowMs = this.#nowMs();
    this.#pauses.set(limit, nowMs + ms);
    if (this.#pauses.size <= maxPauses) return;
    for (const [each, untilMs] of this.#pauses) if (untilMs <= nowMs) this.#pauses.delete(each);
  }
}

/** Slack's Web API with deadlines, rate limits, current channel ids and `PlatformError`s. */
export class SlackApi {
  readonly #client: RateLimitedClient;
  readonly #deadlines = new Deadlines(deadlineMs);
  #refusal: string | undefined;
  #onRefused: (code: string) => void = () => undefined;

  constructor(token: string, options: ClientOptions, nowMs: () => number) {
    this.#client = new RateLimitedClient(token, options, nowMs);
  }

  /** Slack's error code while it rejects the token; else undefined. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** For files, which are not read by a method. Goes to Slack's own hosts only. */
  get token(): string {
    return this.#client.token ?? "";
  }

  /** Calls use the current ids of channels from now on. */
  useChannelIds(ids: Pick<ChannelIds, "withCurrentIds" | "withNewerIds">): void {
    this.#client.withCurrentIds = (options) => ids.withCurrentIds(options);
    this.#client.withNewerIds = (...call) => ids.withNewerIds(...call);
  }

  /** Calls `onRefused` with Slack's error code each time that Slack rejects the token from now on. */
  onTokenRefused(onRefused: (code: string) => void): void {
    this.#onRefused = onRefused;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  async call<T>(
    work: (client: WebClient) => Promise<T>,
    signal: AbortSignal,
    timeoutMs?: number,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      const run = (): Promise<T> => work(this.#client);
      const result = await (timeoutMs === undefined
        ? this.#deadlines.wait(run, signal)
        : withDeadline(run, timeoutMs, signal));
      this.#refusal = undefined;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const code = tokenRefusalIn(error);
      this.#refusal = code ?? this.#refusal;
      if (code !== undefined) this.#onRefused(code);
      throw toPlatformError(error);
    }
  }
}
