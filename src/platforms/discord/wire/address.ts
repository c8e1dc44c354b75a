import type { ReplyAddress } from "../../../domain/reply-address.ts";
import { PlatformError } from "../../../ports/platform-error.ts";

/**
 * The content of a ReplyAddress. `direct`: in this DM. `reply`: in this channel or thread, as a reply to the message.
 * `thread`: in a thread to be opened on the message. `interaction`: a slash command, or a press of a button; public posts go
 * to its channel.
 */
export type Target = {
  /** The last part of the conversation's key, for buttons. Missing in addresses stored by older versions. */
  readonly topic?: string;
} & (
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
      /**
       * `post`: the button is under a post that everyone sees, and nothing private may replace it. Missing: the response is
       * the person's own.
       */
      readonly under?: "post";
      /** The response is in Components V2, and an edit of it has to be. Missing: it is not, or there is none yet. */
      readonly form?: "card";
      /** The bot is no member there: it can only respond, and remembers nothing. Missing: it is one. */
      readonly away?: "yes";
    }
);

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

/** Whether the bot is no member where the target's interaction was made. */
export function isAway(target: Target): boolean {
  return target.how === "interaction" && target.away === "yes";
}

/** The topic, or what it most likely is. */
export function topicOf(target: Target): string {
  // A thread has the id of the message that it is opened on.
  return target.topic ?? (target.how === "thread" ? target.message : target.channel);
}

/** @throws {PlatformError} if the address is not one of ours. */
export function readTarget(to: ReplyAddress): Target {
  const field = (name: string): string => {
    const value = to.target[name];
    if (value === undefined) throw new PlatformError("rejected", `The reply address has no ${name}`);
    return value;
  };
  const how = field("how");
  const { picked, topic, under, form, away } = to.target;
  const base = {
    channel: field("channel"),
    user: field("user"),
    ...(topic === undefined ? {} : { topic }),
  };
  switch (how) {
    case "direct":
    case "reply":
      return { how, ...base, message: field("message") };
    case "thread":
      return { how, ...base, message: field("message"), threadName: field("threadName") };
    case "interaction":
      return {
        how,
        ...base,
        interaction: field("interaction"),
        application: field("application"),
        token: field("token"),
        ...(picked === undefined ? {} : { picked }),
        ...(under === "post" ? { under } : {}),
        ...(form === "card" ? { form } : {}),
        ...(away === "yes" ? { away } : {}),
      };
    default:
      throw new PlatformError("rejected", "The reply address is of an unknown kind");
  }
}
