import type { types } from "@slack/bolt";
import { z } from "zod";

import { retryDelayMs } from "../../../async/retry-delay.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { expiringCache } from "../../../runtime/expiring-cache.ts";
import { SparseLog } from "../../../runtime/logging/sparse-log.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { slackCodeOf } from "../api/slack-errors.ts";
import { authorOfHome, type HomeOwner } from "./home-owner.ts";

/** Why a Home tab is to be shown again. */
export interface HomeRequest {
  readonly owner: HomeOwner;
  /** Of the view that the owner sees. Missing: none, or unknown. */
  readonly hash?: string | undefined;
}

interface HomePublisherPorts {
  readonly api: SlackApi;
  /** Reads what is to be shown, each time. Rejects only when it is closed. */
  readonly viewOf: (request: HomeRequest, signal: AbortSignal) => Promise<types.HomeView>;
  readonly self: { readonly teamId: string };
  readonly clock: Clock;
  readonly log: Log;
}

/** A Home tab that is being published, or was within `restMs`. */
interface OpenHome {
  /** The newest request that came since. */
  next: HomeRequest | undefined;
  /** Of the view that this process published last. */
  hash: string | undefined;
}

const published = z.object({ view: z.object({ hash: z.string().nullish() }) });

/** Slack allows about 100 calls a minute for the workspace (Tier 4), so one person gets at most 30 of them. */
const restMs = 2_000;
/** At the same time, of one workspace. */
const maxAtOnce = 4;
/** People who wait. Those who come later see what Slack shows until they open it again. */
const maxOpen = 2_000;
const maxTries = 4;
const pace = { firstMs: 1_000, longestMs: 30_000 };
/** A workspace that has refused is asked again after this time. */
const refusedForMs = 3_600_000;

/** Slack refuses the method itself: the app has no Home tab, or may not publish one. */
const refusals: ReadonlySet<string> = new Set([
  "not_enabled",
  "not_implemented",
  "missing_scope",
  "unknown_method",
  "not_allowed_token_type",
  "no_permission",
  "access_denied",
  "accesslimited",
  "enterprise_is_restricted",
  "feature_not_enabled",
]);

/**
 * Publishes Home tabs, each to its owner only. However often a person opens it, one call runs for them at a time, and the next
 * begins two seconds later with the newest request.
 * https://docs.slack.dev/reference/methods/views.publish
 */
export class HomePublisher implements Disposable {
  readonly #ports: HomePublisherPorts;
  readonly #open = new Map<string, OpenHome>();
  readonly #waiting: (() => void)[] = [];
  readonly #refused;
  readonly #closing = new AbortController();
  readonly #sparse: SparseLog;
  #running = 0;
  #isTold = false;

  constructor(ports: HomePublisherPorts) {
    this.#ports = ports;
    this.#sparse = new SparseLog(ports);
    this.#refused = expiringCache<true>({ clock: ports.clock, ttlMs: refusedForMs, max: 1 });
  }

  /** Returns at once. */
  show(request: HomeRequest): void {
    if (this.#closing.signal.aborted || this.#refused.get("all") === true) return;
    const key = authorOfHome(request.owner);
    const open = this.#open.get(key);
    if (open !== undefined) {
      open.next = request;
      return;
    }
    if (this.#open.size >= maxOpen) {
      const facts = { installation: this.#ports.self.teamId, waiting: maxOpen };
      const message = "too many people open their Home tab; some are shown when they open it again";
      this.#sparse.warn("home-full", facts, message);
      return;
    }
    void this.#run(key, request);
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Never rejects. */
  async #run(key: string, first: HomeRequest): Promise<void> {
    const { clock, log } = this.#ports;
    const { signal } = this.#closing;
    const open: OpenHome = { next: undefined, hash: undefined };
    this.#open.set(key, open);
    try {
      for (let request: HomeRequest | undefined = first; request !== undefined;) {
        open.next = undefined;
        await this.#inTurn(request, open);
        await clock.sleep(restMs, signal);
        request = open.next;
      }
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error }, "a Home tab could not be shown; it is shown when it is opened again");
    } finally {
      this.#open.delete(key);
    }
  }

  async #inTurn(request: HomeRequest, open: OpenHome): Promise<void> {
    if (this.#running >= maxAtOnce) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      await this.#publish(request, open);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Each try reads again what is to be shown. @throws {PlatformError}, or the signal's reason. */
  async #publish(request: HomeRequest, open: OpenHome): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#closing;
    let hash = open.hash ?? request.hash;
    for (let tries = 1; this.#refused.get("all") !== true; tries += 1) {
      try {
        open.hash = await this.#call(request, hash, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PlatformError)) throw error;
        const code = slackCodeOf(error.cause) ?? "";
        if (refusals.has(code)) return this.#noteRefusal(code);
        // Another replica has published since. What is read now is newer, whichever it was.
        const isOutdated = code === "hash_conflict" && hash !== undefined;
        if (tries === maxTries || (!isOutdated && !error.isPassing)) throw error;
        hash = undefined;
        const wait = { ...pace, askedForMs: error.retryAfterMs };
        if (!isOutdated) await clock.sleep(retryDelayMs(tries, wait), signal);
      }
    }
  }

  /** Resolves to the hash of the view that is shown now. */
  async #call(
    request: HomeRequest,
    hash: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { api, viewOf } = this.#ports;
    const view = await viewOf(request, signal);
    const call = { user_id: request.owner.user, view, ...(hash === undefined ? {} : { hash }) };
    const answer = await api.call((client) => client.apiCall("views.publish", call), signal);
    return published.safeParse(answer).data?.view.hash ?? undefined;
  }

  #noteRefusal(code: string): void {
    this.#refused.set("all", true);
    if (this.#isTold) return;
    this.#isTold = true;
    const { log, self } = this.#ports;
    log.warn(
      { installation: self.teamId, code },
      "Slack shows no Home tab for the app; turn it on under App Home in the app's settings: see docs/slack.md",
    );
  }
}
