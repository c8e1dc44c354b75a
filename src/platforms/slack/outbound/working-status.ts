import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { targetOf } from "../wire/reply-target.ts";
import type { Clock } from "../../../ports/clock.ts";
import { expiringCache } from "../../../runtime/expiring-cache.ts";
import type { SlackApi } from "../api/slack-api.ts";

const deadlineMs = 3_000;
/** By then Slack has cleared a status by itself. */
const shownMs = 2 * 60_000;
const maxShown = 10_000;

interface Thread {
  readonly channel: string;
  readonly threadTs: string;
}

/**
 * Shows "Threadkeeper is thinking…" under the message field, in DMs only. In a channel our first post says so, and each
 * call would count against the workspace's rate limit.
 * https://docs.slack.dev/reference/methods/assistant.threads.setStatus
 */
export class WorkingStatus {
  readonly #api: SlackApi;
  /** By the thread: a turn that another replica finishes is never cleared here. */
  readonly #shown;

  constructor(api: SlackApi, clock: Clock) {
    this.#api = api;
    this.#shown = expiringCache<true>({ clock, ttlMs: shownMs, max: maxShown });
  }

  readonly show = async (to: ReplyAddress, signal: AbortSignal): Promise<void> => {
    const { channel, threadTs } = targetOf(to);
    if (!channel.startsWith("D") || threadTs === undefined) return;
    this.#shown.set(`${channel} ${threadTs}`, true);
    await this.#set({ channel, threadTs }, "is thinking…", signal);
  };

  /**
   * Clears the status. Slack does so itself at our next post, unless the post came first: then it would stay for two
   * minutes.
   */
  readonly clear = (to: ReplyAddress): void => {
    const { channel, threadTs } = targetOf(to);
    const thread = `${channel} ${threadTs}`;
    if (threadTs === undefined || this.#shown.get(thread) === undefined) return;
    this.#shown.delete(thread);
    this.#set({ channel, threadTs }, "", AbortSignal.timeout(deadlineMs)).catch(() => undefined);
  };

  async #set({ channel, threadTs }: Thread, status: string, signal: AbortSignal): Promise<void> {
    const place = { channel_id: channel, thread_ts: threadTs };
    await this.#api.call(
      (client) => client.assistant.threads.setStatus({ ...place, status }),
      signal,
      deadlineMs,
    );
  }
}
