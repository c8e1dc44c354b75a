import type { CommandInbound } from "../../../domain/inbound.ts";
import { asObject } from "../wire/json-object.ts";
import { keyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { reactionBody } from "../wire/payload-schemas.ts";
import { toAddress } from "../wire/reply-target.ts";
import { personOf } from "./authors.ts";
import { teamOf } from "./from-message.ts";

/** 🔇 */
const muteReaction = "mute";

/** The command that each event stands for. */
const commands: ReadonlyMap<unknown, string> = new Map([
  ["reaction_added", "mute"],
  ["reaction_removed", "unmute"],
]);

/** Whether a body is a reaction that says nothing to the bot. A busy channel has thousands. */
export function isOtherReaction(body: unknown): boolean {
  const { type, reaction } = asObject(asObject(body)["event"]);
  return commands.has(type) && reaction !== muteReaction;
}

/**
 * A person added 🔇 to a message, or removed it. Slack does not name the thread: the message is taken for the first one of its
 * thread, unless it is known better. Undefined for every other body, and for the bot's own reactions.
 * https://docs.slack.dev/reference/events/reaction_added
 */
export function fromReaction(body: unknown, facts: SlackFacts): CommandInbound | undefined {
  const { type, reaction } = asObject(asObject(body)["event"]);
  const name = commands.get(type);
  if (name === undefined || reaction !== muteReaction) return undefined;
  const parsed = reactionBody.safeParse(body);
  if (!parsed.success || parsed.data.event.user === facts.botUserId) return undefined;
  const { user, item, event_ts: eventTs } = parsed.data.event;
  const { channel, ts } = item;
  const team = teamOf(parsed.data, facts);
  return {
    kind: "commanded",
    conversation: keyOf(team, channel, ts),
    dedupeId: `slack:reaction:${team}:${channel}:${ts}:${user}:${name}:${eventTs}`,
    platform: "slack",
    place: placeOf(team, channel),
    name,
    argument: "",
    by: personOf({ team, user, given: [] }, facts),
    // It may be delivered again after what came later.
    saidAtMs: Math.round(Number(eventTs) * 1_000) || facts.nowMs,
    reactedTo: ts,
    replyTo: toAddress({ team, channel, threadTs: ts, user }, facts),
  };
}
