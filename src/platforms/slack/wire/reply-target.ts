import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { SlackFacts } from "./keys.ts";

/** The `target` fields of a ReplyAddress in Slack. */
export interface SlackTarget {
  readonly team: string;
  readonly channel: string;
  /** Missing: a command that concerns no single conversation is answered in the place itself. */
  readonly threadTs?: string;
  /** The person who asked. */
  readonly user: string;
  /** The message under which a command was given. */
  readonly messageTs?: string;
  /**
   * Replies to the person alone; good for 30 minutes and 5 uses.
   * https://docs.slack.dev/interactivity/handling-user-interaction
   */
  readonly responseUrl?: string;
  /** The first reply replaces our private message with the button or picker. */
  readonly replacesOriginal?: boolean;
  /** Markdown name of the conversation that the person picked. */
  readonly picked?: string;
  /**
   * `channel` is the person's DM with the bot, and replies are posts there: the person is looking at the app's home, where
   * nobody sees an ephemeral message.
   */
  readonly isDirect?: boolean;
  /**
   * Nobody has replied to the message of `threadTs`: a private reply stands in the channel, since people don't see it in a
   * thread that does not exist yet.
   */
  readonly isUnthreaded?: boolean;
}

const responseUrlTtlMs = 30 * 60_000;

/** The address of a target in the installation with these facts. */
export function toAddress(
  target: SlackTarget,
  { teamId: installation, nowMs }: Pick<SlackFacts, "teamId" | "nowMs">,
): ReplyAddress {
  const { team, channel, threadTs, user, messageTs, responseUrl, replacesOriginal, picked, isDirect } =
    target;
  const { isUnthreaded } = target;
  const fields = {
    team,
    channel,
    user,
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(messageTs === undefined ? {} : { messageTs }),
    ...(picked === undefined ? {} : { picked }),
    ...(isDirect === true ? { isDirect: "yes" } : {}),
    ...(isUnthreaded === true ? { isUnthreaded: "yes" } : {}),
  };
  if (responseUrl === undefined) return { platform: "slack", installation, target: fields };
  return {
    platform: "slack",
    installation,
    target: { ...fields, responseUrl, ...(replacesOriginal === true ? { replacesOriginal: "yes" } : {}) },
    expiresAtMs: nowMs + responseUrlTtlMs,
  };
}

/** @throws {TypeError} for an address of another platform. */
export function targetOf({ target }: ReplyAddress): SlackTarget {
  const { team, channel, threadTs, user, messageTs, responseUrl, replacesOriginal, picked, isDirect } =
    target;
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
    ...(isDirect === "yes" ? { isDirect: true } : {}),
    ...(target["isUnthreaded"] === "yes" ? { isUnthreaded: true } : {}),
    replacesOriginal: replacesOriginal === "yes",
  };
}
