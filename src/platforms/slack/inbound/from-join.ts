import { placeInboxOf } from "../../../domain/conversation.ts";
import type { Joined } from "../../../domain/inbound.ts";
import { asObject } from "../wire/json-object.ts";
import { placeOf, type SlackFacts } from "../wire/keys.ts";
import { joinedChannelBody } from "../wire/payload-schemas.ts";
import { toAddress } from "../wire/reply-target.ts";
import { teamOf } from "./from-message.ts";

/**
 * The bot was added to a channel. Undefined: another person was, or the operator wants no note. Leaving and joining again
 * within a day counts once, as long as dedupe marks are kept.
 * https://docs.slack.dev/reference/events/member_joined_channel
 */
export function fromJoin(body: unknown, facts: SlackFacts): Joined | undefined {
  const { type, user } = asObject(asObject(body)["event"]);
  // People join all the time, and a schema costs more than this.
  if (type !== "member_joined_channel" || user !== facts.botUserId || facts.introducesItself !== true)
    return undefined;
  const parsed = joinedChannelBody.safeParse(body);
  if (!parsed.success) return undefined;
  const { channel } = parsed.data.event;
  const team = teamOf(parsed.data, facts);
  const place = placeOf(team, channel);
  return {
    kind: "joined",
    conversation: placeInboxOf("slack", place),
    dedupeId: `slack:joined:${place}`,
    platform: "slack",
    place,
    replyTo: toAddress({ team, channel, user }, facts),
  };
}
