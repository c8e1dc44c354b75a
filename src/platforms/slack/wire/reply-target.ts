import type { ReplyAddress } from "../../../domain/reply-address.ts";

/** Where a reply goes in Slack: the fields of a ReplyAddress's target. */
export interface SlackTarget {
  readonly team: string;
  readonly channel: string;
  /** Missing: the place itself, where something was ordered that concerns no single conversation. */
  readonly threadTs?: string;
  /** Who asked. */
  readonly user: string;
  /** The message under which something was ordered. */
  readonly messageTs?: string;
  /** Leads to the asker alone, for 30 minutes and 5 uses. */
  readonly responseUrl?: string;
  /** The message that the asker pressed something in is ours, theirs alone, and done with. */
  readonly replacesOriginal?: boolean;
  /** The conversation that the asker picked, by name, as Markdown. */
  readonly picked?: string;
}

const responseUrlLivesMs = 30 * 60_000;

export function toAddress(target: SlackTarget, nowMs: number): ReplyAddress {
  const { team, channel, threadTs, user, messageTs, responseUrl, replacesOriginal, picked } = target;
  const fields = {
    team,
    channel,
    user,
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(messageTs === undefined ? {} : { messageTs }),
    ...(picked === undefined ? {} : { picked }),
  };
  if (responseUrl === undefined) return { platform: "slack", target: fields };
  return {
    platform: "slack",
    target: { ...fields, responseUrl, ...(replacesOriginal === true ? { replacesOriginal: "yes" } : {}) },
    expiresAtMs: nowMs + responseUrlLivesMs,
  };
}

/** @throws {TypeError} for an address of another platform. */
export function targetOf({ target }: ReplyAddress): SlackTarget {
  const { team, channel, threadTs, user, messageTs, responseUrl, replacesOriginal, picked } = target;
  if (team === undefined || channel === undefined || user === undefined) {
    throw new TypeError("Not an address in Slack");
  }
  return {
    team,
    channel,
    user,
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(picked === undefined ? {} : { picked }),
    ...(messageTs === undefined ? {} : { messageTs }),
    ...(responseUrl === undefined ? {} : { responseUrl }),
    replacesOriginal: replacesOriginal === "yes",
  };
}
