import type { Inbound } from "../../../domain/inbound.ts";
import type { Offer } from "../../../domain/offer.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError, type Unanswered } from "../../../ports/platform.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import { contentOf, inFormThatIsTaken } from "./content.ts";
import { withOffer } from "./offer-buttons.ts";
import { isOfSlack, plainPost } from "../api/post-to-url.ts";
import { targetOf, type SlackTarget } from "../wire/reply-target.ts";
import type { SlackApi } from "../api/slack-api.ts";

export interface PrivateRepliesPorts {
  readonly api: SlackApi;
  /** Slack's API where it is not Slack's own: the private ways lead to the same host then. */
  readonly apiUrl: string | undefined;
  readonly channelIds: Pick<ChannelIds, "inText">;
  readonly clock: Clock;
  readonly log: Log;
}

interface Line {
  readonly text: string;
  readonly offer?: Offer;
}

/** 🙊 */
const unansweredMark = "speak_no_evil";
const mostUses = 5;
const deadlineMs = 10_000;
const courtesyMs = 2_000;
/** Less than the 30 minutes by what a slow call may take. */
const marginMs = 15_000;

/** Tells one person something: through the response_url while it lives, else in the thread, else in a DM. */
export class PrivateReplies {
  readonly #ports: PrivateRepliesPorts;

  constructor(ports: PrivateRepliesPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  async tell(to: ReplyAddress, texts: readonly string[], signal: AbortSignal, offer?: Offer): Promise<void> {
    const target = targetOf(to);
    let usesLeft = this.#isFresh(to) ? mostUses : 0;
    for (const [index, said] of texts.entries()) {
      const bare = this.#ports.channelIds.inText(said);
      const text = index === 0 && target.picked !== undefined ? `In ${target.picked}:\n\n${bare}` : bare;
      const line = { text, ...(offer === undefined || index < texts.length - 1 ? {} : { offer }) };
      if (usesLeft > 0) {
        usesLeft -= 1;
        if (await this.#respond({ ...target, ...line, isFirst: index === 0 }, signal)) continue;
        usesLeft = 0;
      }
      await this.#tellInThread(target, line, signal);
    }
  }

  /**
   * In the channel, in a DM, or by a mark on the message, whichever is taken first. Beside a message that has no replies
   * yet, as a thread that nobody has opened shows no such line. @throws {PlatformError}, or the signal's reason.
   */
  async tellUnanswered(to: ReplyAddress, { text, message }: Unanswered, signal: AbortSignal): Promise<void> {
    const { threadTs, ...place } = targetOf(to);
    const target = threadTs === undefined || threadTs === message ? place : { ...place, threadTs };
    try {
      await this.#tellInThread(target, { text: this.#ports.channelIds.inText(text) }, signal);
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      await this.#mark(target.channel, message, signal);
    }
  }

  async #mark(channel: string, timestamp: string, signal: AbortSignal): Promise<void> {
    await this.#ports.api.call(
      (client) => client.reactions.add({ channel, timestamp, name: unansweredMark }),
      signal,
    );
  }

  /** A line about what somebody ordered. A courtesy: it fails with a line in the log. */
  async say(inbound: Inbound, text: string): Promise<void> {
    if (inbound.kind !== "commanded") return;
    try {
      await this.tell(inbound.replyTo, [text], AbortSignal.timeout(courtesyMs));
    } catch (error) {
      this.#ports.log.warn({ err: error }, "a private line could not be shown");
    }
  }

  #isFresh({ expiresAtMs = 0, target }: ReplyAddress): boolean {
    const { clock, apiUrl } = this.#ports;
    const url = target["responseUrl"];
    return url !== undefined && isOfSlack(url, apiUrl) && clock.nowMs() + marginMs < expiresAtMs;
  }

  /** False when this way is dead. */
  async #respond(
    line: SlackTarget & Line & { readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { responseUrl = "", threadTs, replacesOriginal = false } = line;
    const replaces = replacesOriginal && line.isFirst;
    const body = {
      response_type: "ephemeral",
      replace_original: replaces,
      ...withOffer(contentOf(line.text), line.offer, line),
      // The picker stands in the channel, not in the thread that was picked.
      ...(replacesOriginal || threadTs === undefined ? {} : { thread_ts: threadTs }),
    };
    const plain = { type: "application/json", body: JSON.stringify(body), withinMs: deadlineMs };
    return plainPost(responseUrl, plain, signal);
  }

  async #tellInThread(target: SlackTarget, { text, offer }: Line, signal: AbortSignal): Promise<void> {
    const { api } = this.#ports;
    const { channel, user, threadTs } = target;
    const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
    const call = (method: string, args: object) =>
      inFormThatIsTaken(text, (content) =>
        api.call(
          (client) => client.apiCall(method, { ...args, ...withOffer(content, offer, target) }),
          signal,
        ),
      );
    try {
      await call("chat.postEphemeral", { channel, user, ...thread });
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      await call("chat.postMessage", { channel: user, unfurl_links: false, unfurl_media: false });
    }
  }
}
