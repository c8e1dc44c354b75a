import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";

/**
 * The content of a ReplyAddress. `direct`: in this DM. `reply`: in this channel or thread, as a reply to the message.
 * `thread`: in a thread to be opened on the message. `interaction`: a slash command; public posts go to its channel.
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
      /** The name of the conversation that the asker picked, as Markdown. */
      readonly picked?: string;
      /** The last part of the conversation's key, for buttons. Missing in addresses stored by older versions. */
      readonly topic?: string;
    };

export type InteractionTarget = Extract<Target, { readonly how: "interaction" }>;

/**
 * Discord accepts an interaction's token for 15 minutes; this leaves a margin for delays and clocks.
 * https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
 */
const tokenLifeMs = 14.5 * 60_000;

export function addressOf(target: Exclude<Target, InteractionTarget>): ReplyAddress {
  return { platform: "discord", target: { ...target } };
}

export function interactionAddress(target: InteractionTarget, nowMs: number): ReplyAddress {
  return { platform: "discord", target: { ...target }, expiresAtMs: nowMs + tokenLifeMs };
}

/** When the address's interaction was made. */
export function askedAtMs(to: ReplyAddress): number {
  return (to.expiresAtMs ?? 0) - tokenLifeMs;
}

/** @throws {PlatformError} if the address is not one of ours. */
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
      throw new PlatformError("rejected", "The reply address is of an unknown kind");
  }
}
