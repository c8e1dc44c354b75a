import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { expiringCache } from "../../../runtime/expiring-cache.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { slackCodeIn } from "../api/slack-errors.ts";

/** A thread in a DM, which Slack may show as a session of the agent. */
export interface SessionThread {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
}

/** https://docs.slack.dev/reference/methods/agents.sessions.setStatus */
export type SessionStatus = "processing" | "active" | "suspended";

/** The API that answers in a workspace. */
export type SessionApi = "sessions" | "assistant" | "none";

const deadlineMs = 2_000;
/** A workspace that has refused is asked again after this time. */
const learnedForMs = 3_600_000;
const maxTeams = 10_000;

/** Slack refuses a method itself, in the whole workspace. An app that is no agent gets `not_authorized`. */
export const methodRefusals: ReadonlySet<string> = new Set([
  "not_authorized",
  "unknown_method",
  "missing_scope",
  "not_allowed_token_type",
  "method_deprecated",
  "deprecated_endpoint",
  "feature_not_enabled",
  "access_denied",
  "accesslimited",
  "team_access_not_granted",
  "no_permission",
]);

interface SessionPorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Sets the status of sessions. Where Slack has no sessions for the app, it sets the status of the older assistant threads,
 * while Slack still has those. What a workspace refuses is not asked for again within an hour.
 * https://docs.slack.dev/ai/agent-sessions
 */
export class SessionMethods {
  readonly #api: SlackApi;
  readonly #log: Log;
  readonly #learned;
  readonly #told = growingCache<true>(maxTeams);

  constructor({ api, clock, log }: SessionPorts) {
    this.#api = api;
    this.#log = log;
    this.#learned = expiringCache<"assistant" | "none">({ clock, ttlMs: learnedForMs, max: maxTeams });
  }

  /** The best API that the workspace has not refused. */
  apiIn(team: string): SessionApi {
    return this.#learned.get(team) ?? "sessions";
  }

  /** @throws {PlatformError}, or the signal's reason. */
  async setStatus(thread: SessionThread, status: SessionStatus, signal: AbortSignal): Promise<void> {
    const { team } = thread;
    const before = this.apiIn(team);
    if (before === "none") return;
    if (before === "sessions" && (await this.#setSession(thread, status, signal))) return;
    if (await this.#setAssistant(thread, status, signal))
      this.#tell(team, "an older status is shown instead");
    else this.#tell(team, "no status is shown");
  }

  /** What has no session gets no title. @throws {PlatformError}, or the signal's reason. */
  async rename(
    { team, channel, threadTs }: SessionThread,
    title: string,
    signal: AbortSignal,
  ): Promise<void> {
    const args = { channel_id: channel, thread_ts: threadTs, title };
    const call = () =>
      this.#api
        .call((client) => client.agents.sessions.rename(args), signal, deadlineMs)
        .catch(throwUnlessWithoutSession);
    await this.#isTaken(team, call, "assistant");
  }

  /** False: the workspace refuses it. */
  async #setSession(
    { team, channel, threadTs }: SessionThread,
    status: SessionStatus,
    signal: AbortSignal,
  ): Promise<boolean> {
    const args = { channel_id: channel, thread_ts: threadTs, status };
    const call = () => this.#api.call((client) => client.agents.sessions.setStatus(args), signal, deadlineMs);
    return this.#isTaken(team, call, "assistant");
  }

  /** https://docs.slack.dev/reference/methods/assistant.threads.setStatus */
  async #setAssistant(
    { team, channel, threadTs }: SessionThread,
    status: SessionStatus,
    signal: AbortSignal,
  ): Promise<boolean> {
    const text = status === "processing" ? "is thinking…" : "";
    const args = { channel_id: channel, thread_ts: threadTs, status: text };
    const call = () =>
      this.#api.call((client) => client.assistant.threads.setStatus(args), signal, deadlineMs);
    return this.#isTaken(team, call, "none");
  }

  async #isTaken(
    team: string,
    call: () => Promise<unknown>,
    otherwise: "assistant" | "none",
  ): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      const code = slackCodeIn(error);
      if (code === undefined || !methodRefusals.has(code)) throw error;
      this.#learned.set(team, otherwise);
      return false;
    }
  }

  /** Once for each workspace. */
  #tell(team: string, instead: string): void {
    if (this.#told.has(team)) return;
    this.#told.set(team, true);
    this.#log.warn(
      { installation: team },
      `Slack refuses agent sessions; in DMs ${instead}. Declare the app as an agent: see docs/slack.md`,
    );
  }
}

function throwUnlessWithoutSession(error: unknown): void {
  if (slackCodeIn(error) !== "session_not_found") throw error;
}
