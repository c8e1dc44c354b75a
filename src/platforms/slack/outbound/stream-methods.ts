import type { types } from "@slack/bolt";
import { z } from "zod";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import { expiringCache } from "../../../runtime/expiring-cache.ts";
import { growingCache } from "../../../runtime/growing-cache.ts";
import type { SlackApi } from "../api/slack-api.ts";
import { slackCodeIn } from "../api/slack-errors.ts";
import type { metadataOf } from "../wire/post-metadata.ts";
import { methodRefusals, type SessionStatus, type SessionThread } from "./session-methods.ts";

/** A message that is streamed. */
export interface StreamPlace {
  readonly channel: string;
  readonly ts: string;
}

/** How a stream ends. */
export interface StreamEnd {
  /** What it lacks. Empty: nothing. */
  readonly text: string;
  readonly blocks: readonly types.KnownBlock[];
  readonly metadata: ReturnType<typeof metadataOf> | undefined;
  /** Missing: the workspace has no sessions. */
  readonly status?: SessionStatus;
}

const deadlineMs = 5_000;
/** A workspace that has refused is asked again after this time. */
const learnedForMs = 3_600_000;
const maxTeams = 10_000;

const started = z.object({ ts: z.string() });

interface StreamMethodsPorts {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Calls the methods of streams. What a workspace refuses is not asked for again within an hour.
 * https://docs.slack.dev/reference/methods/chat.startStream
 */
export class StreamMethods {
  readonly #api: SlackApi;
  readonly #log: Log;
  readonly #refused;
  readonly #told = growingCache<true>(maxTeams);
  /** Reports differ on whether a DM needs its recipient or rejects it. */
  #namesRecipient = true;

  constructor({ api, clock, log }: StreamMethodsPorts) {
    this.#api = api;
    this.#log = log;
    this.#refused = expiringCache<true>({ clock, ttlMs: learnedForMs, max: maxTeams });
  }

  /** False: the workspace has refused them. */
  areIn(team: string): boolean {
    return this.#refused.get(team) !== true;
  }

  /** Resolves to the message, or to undefined where Slack starts no stream. @throws {PlatformError} if one may have begun. */
  async start(
    thread: SessionThread & { readonly user: string },
    text: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      return await this.#start(thread, text, signal);
    } catch (error) {
      const code = slackCodeIn(error);
      if (code === undefined || !(error instanceof PlatformError)) throw error;
      if (code === "invalid_arguments" && this.#namesRecipient)
        return this.#startUnnamed(thread, text, signal);
      if (methodRefusals.has(code) || code === "channel_type_not_supported") this.#learn(thread.team);
      else if (error.isPassing) throw error;
      return undefined;
    }
  }

  /** @throws {PlatformError} */
  async append(place: StreamPlace, text: string, signal: AbortSignal): Promise<void> {
    const args = { ...place, markdown_text: text };
    await this.#api.call((client) => client.apiCall("chat.appendStream", args), signal, deadlineMs);
  }

  /** @throws {PlatformError} */
  async stop(place: StreamPlace, end: StreamEnd, signal: AbortSignal): Promise<void> {
    const { text, blocks, metadata, status } = end;
    const args = {
      ...place,
      ...(text === "" ? {} : { markdown_text: text }),
      ...(blocks.length === 0 ? {} : { blocks }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(status === undefined ? {} : { session_status: status }),
    };
    await this.#api.call((client) => client.apiCall("chat.stopStream", args), signal, deadlineMs);
  }

  async #startUnnamed(
    thread: SessionThread & { readonly user: string },
    text: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    this.#namesRecipient = false;
    const ts = await this.start(thread, text, signal);
    // The recipient was not the reason.
    if (ts === undefined) this.#namesRecipient = true;
    return ts;
  }

  async #start(
    { team, channel, threadTs, user }: SessionThread & { readonly user: string },
    text: string,
    signal: AbortSignal,
  ): Promise<string> {
    const recipient = this.#namesRecipient ? { recipient_team_id: team, recipient_user_id: user } : {};
    const words = text === "" ? {} : { markdown_text: text };
    const args = { channel, thread_ts: threadTs, ...recipient, ...words };
    return this.#api.call(
      async (client) => started.parse(await client.apiCall("chat.startStream", args)).ts,
      signal,
      deadlineMs,
    );
  }

  #learn(team: string): void {
    this.#refused.set(team, true);
    if (this.#told.has(team)) return;
    this.#told.set(team, true);
    this.#log.warn(
      { installation: team },
      "Slack refuses streams; answers in DMs grow by edits instead: see docs/slack.md",
    );
  }
}

/** Whether Slack no longer streams the message: it has been stopped, or was too old. */
export function isStreamOver(error: unknown): boolean {
  const code = slackCodeIn(error);
  return code === "message_not_in_streaming_state" || code === "stopped_by_user";
}
