import type { Inbound } from "../../../domain/inbound.ts";
import type { Offer } from "../../../domain/offer.ts";
import { isReaction } from "../../../domain/reaction.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { Unanswered } from "../../../ports/platform-private-replies.ts";
import type { ChannelIds } from "../api/channel-ids.ts";
import type { RefusedForms } from "./refused-forms.ts";
import { renderMarkdown } from "./render-content.ts";
import { sendInForms } from "./send-in-forms.ts";
import { addOfferButtons } from "./offer-buttons.ts";
import { isSlackUrl, postWithoutToken } from "../api/post-to-url.ts";
import type { PrivateMessage } from "../wire/conversation-picker.ts";
import { targetOf, type SlackTarget } from "../wire/reply-target.ts";
import type { SlackApi } from "../api/slack-api.ts";

export interface PrivateRepliesPorts {
  readonly api: SlackApi;
  /** The API's URL if it is not Slack's own; response_urls on its host are accepted then. */
  readonly apiUrl: string | undefined;
  readonly channelIds: Pick<ChannelIds, "updateLinks">;
  readonly refusedForms: RefusedForms;
  readonly clock: Clock;
  readonly log: Log;
}

interface Line {
  readonly text: string;
  readonly offer?: Offer;
}

/** 🙊 */
const unansweredMark = "speak_no_evil";
/** Uses of one response_url: https://docs.slack.dev/interactivity/handling-user-interaction */
const maxUses = 5;
const deadlineMs = 10_000;
const replyTimeoutMs = 2_000;
/** Stops using a response_url this long before it expires: a call may be slow. */
const marginMs = 15_000;

/** Replies to one person: through the response_url while it is valid, else by an ephemeral message, else in a DM. */
export class PrivateReplies {
  readonly #ports: PrivateRepliesPorts;

  constructor(ports: PrivateRepliesPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError}, or the signal's reason. */
  async tell(to: ReplyAddress, texts: readonly string[], signal: AbortSignal, offer?: Offer): Promise<void> {
    const target = targetOf(to);
    let usesLeft = this.#isFresh(to) ? maxUses : 0;
    for (const [index, given] of texts.entries()) {
      const updated = this.#ports.channelIds.updateLinks(given);
      const text =
        index === 0 && target.picked !== undefined ? `In ${target.picked}:\n\n${updated}` : updated;
      const line = { text, ...(offer === undefined || index < texts.length - 1 ? {} : { offer }) };
      if (usesLeft > 0) {
        usesLeft -= 1;
        if (await this.#postToResponseUrl({ ...target, ...line, isFirst: index === 0 }, signal)) continue;
        usesLeft = 0;
      }
      await this.#sendEphemeral(target, line, signal);
    }
  }

  /**
   * Tells a person that their message gets no answer: by an ephemeral message, in a DM, or by 🙊 on the message, whichever
   * Slack accepts first. In the channel if the message has no replies: people don't see ephemeral messages in a thread
   * that does not exist yet. @throws {PlatformError}, or the signal's reason.
   */
  async tellUnanswered(to: ReplyAddress, { text, message }: Unanswered, signal: AbortSignal): Promise<void> {
    const { threadTs, isUnthreaded: _, ...place } = targetOf(to);
    const target = threadTs === undefined || threadTs === message ? place : { ...place, threadTs };
    try {
      await this.#sendEphemeral(target, { text: this.#ports.channelIds.updateLinks(text) }, signal);
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

  /** Replies to a command; does nothing for other inbounds, nor for reactions. Never rejects: a failure is logged. */
  async replyToCommand(inbound: Inbound, text: string): Promise<void> {
    if (inbound.kind !== "commanded" && inbound.kind !== "pressed") return;
    // Slack delivers them again.
    if (isReaction(inbound)) return;
    try {
      await this.tell(inbound.replyTo, [text], AbortSignal.timeout(replyTimeoutMs));
    } catch (error) {
      this.#ports.log.warn({ err: error }, "a private reply could not be sent");
    }
  }

  /** Shows a picker under the private message whose button was pressed. Never rejects: a failure is logged. */
  async showPicker({ target }: ReplyAddress, message: PrivateMessage): Promise<void> {
    const { apiUrl, log } = this.#ports;
    const { responseUrl = "" } = target;
    if (!isSlackUrl(responseUrl, apiUrl)) return;
    const body = JSON.stringify({ ...message, replace_original: false });
    const raw = { type: "application/json", body, timeoutMs: deadlineMs };
    try {
      await postWithoutToken(responseUrl, raw, AbortSignal.timeout(replyTimeoutMs));
    } catch (error) {
      log.warn({ err: error }, "a picker could not be shown");
    }
  }

  #isFresh({ expiresAtMs = 0, target }: ReplyAddress): boolean {
    const { clock, apiUrl } = this.#ports;
    const url = target["responseUrl"];
    return url !== undefined && isSlackUrl(url, apiUrl) && clock.nowMs() + marginMs < expiresAtMs;
  }

  /** False when Slack no longer accepts the response_url. */
  async #postToResponseUrl(
    line: SlackTarget & Line & { readonly isFirst: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { responseUrl = "", threadTs, replacesOriginal = false, isUnthreaded = false } = line;
    const isInChannel = replacesOriginal || isUnthreaded || threadTs === undefined;
    const replaces = replacesOriginal && line.isFirst;
    const body = {
      response_type: "ephemeral",
      replace_original: replaces,
      ...addOfferButtons(renderMarkdown(line.text, this.#ports.refusedForms), line.offer, line),
      // The picker is in the channel, not in the picked thread.
      ...(isInChannel ? {} : { thread_ts: threadTs }),
    };
    const raw = { type: "application/json", body: JSON.stringify(body), timeoutMs: deadlineMs };
    return postWithoutToken(responseUrl, raw, signal);
  }

  async #sendEphemeral(target: SlackTarget, { text, offer }: Line, signal: AbortSignal): Promise<void> {
    const { api, refusedForms } = this.#ports;
    const { channel, user, threadTs, isDirect = false, isUnthreaded = false } = target;
    const thread = threadTs === undefined || isUnthreaded ? {} : { thread_ts: threadTs };
    const call = async (method: string, args: object): Promise<void> =>
      void (await sendInForms(text, refusedForms, (content) =>
        api.call(
          (client) => client.apiCall(method, { ...args, ...addOfferButtons(content, offer, target) }),
          signal,
        ),
      ));
    const unfurls = { unfurl_links: false, unfurl_media: false };
    if (isDirect) return call("chat.postMessage", { channel, ...unfurls });
    try {
      await call("chat.postEphemeral", { channel, user, ...thread });
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      await call("chat.postMessage", { channel: user, ...unfurls });
    }
  }
}
