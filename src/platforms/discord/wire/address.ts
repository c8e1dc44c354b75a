import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform.ts";

/**
 * What we put into a ReplyAddress.
 * `direct`: in this DM. `reply`: in this channel or thread, under the message. `thread`: in a thread that is to be
 * opened on the message. `interaction`: a slash command; replies for everybody go into its channel.
 */
export type Target =
  | {
      readonly how: "direct" | "reply";
      readonly channel: string;
      readonly message: string;
      readonly user: string;
    }
  | {
      readonly how: "thread";
      readonly channel: string;
      readonly message: string;
      readonly user: string;
      readonly threadName: string;
    }
  | {
      readonly how: "interaction";
      readonly channel: string;
      readonly interaction: string;
      readonly application: string;
      readonly token: string;
      readonly user: string;
      /** The conversation that the asker picked, by name, as Markdown. */
      readonly picked?: string;
      /** The last part of the conversation's key, for buttons. Missing in what an older version stored. */
      readonly topic?: string;
    };

export type InteractionTarget = Extract<Target, { readonly how: "interaction" }>;

/** Discord keeps an interaction's token for 15 minutes; the rest is a margin for our own delays and clocks. */
const tokenLifeMs = 14.5 * 60_000;

export function addressOf(target: Exclude<Target, InteractionTarget>): ReplyAddress {
  return { platform: "discord", target: { ...target } };
}

export function interactionAddress(target: InteractionTarget, nowMs: number): ReplyAddress {
  return { platform: "discord", target: { ...target }, expiresAtMs: nowMs + tokenLifeMs };
}

/** When the interaction behind an address was made. */
export function askedAtMs(to: ReplyAddress): number {
  return (to.expiresAtMs ?? 0) - tokenLifeMs;
}

/** @throws {PlatformError} for an address that we did not write. */
export function readTarget(to: ReplyAddress): Target {
  const field = (name: string): string => {
    const value = to.target[name];
    if (value === undefined) throw new PlatformError("rejected", `The reply address has no ${name}`);
    return value;
  };
  const how = field("how");
  const [channel, user] = [field("channel"), field("user")];
  switch (how) {
    case "direct":
    case "reply":
      return { how, channel, user, message: field("message") };
    case "thread":
      return { how, channel, user, message: field("message"), threadName: field("threadName") };
    case "interaction":
      return {
        how,
        channel,
        user,
        interaction: field("interaction"),
        application: field("application"),
        token: field("token"),
        ...(to.target["picked"] === undefined ? {} : { picked: to.target["picked"] }),
        ...(to.target["topic"] === undefined ? {} : { topic: to.target["topic"] }),
      };
    default:
      throw new PlatformError("rejected", "The reply address is of no kind that we know");
  }
}
