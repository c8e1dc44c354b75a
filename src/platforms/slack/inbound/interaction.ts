import type { InboundBase, Pressed } from "../../../domain/inbound.ts";
import { keyOf, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import type { BlockActionsBody, MessageActionBody } from "../wire/payload-schemas.ts";
import { toAddress } from "../wire/reply-target.ts";
import { personOf } from "./authors.ts";

type InteractionBody = BlockActionsBody | MessageActionBody;

/** Sent forms have no response_url. */
type Presser = Pick<InteractionBody, "user"> & Partial<Pick<InteractionBody, "response_url">>;

/** What a press or a message shortcut is about. */
export interface InteractionPlace {
  readonly team: string;
  readonly channel: string;
  /** Missing: it concerns no single conversation. */
  readonly threadTs?: string;
  /** Missing: it was not given under a message of the conversation. */
  readonly messageTs?: string;
  /** Unique per press in the workspace. */
  readonly press: string;
  readonly replacesOriginal: boolean;
  /** See SlackTarget. */
  readonly picked?: string;
  /** See SlackTarget. */
  readonly isUnthreaded?: boolean;
}

/** What the inbounds of presses and of message shortcuts have in common. */
export type Interaction = InboundBase & Pick<Pressed, "by" | "replyTo" | "isOutside">;

/** Who pressed, in which conversation, and where the private answer goes. */
export function interactionAt(
  {
    team,
    channel,
    threadTs,
    messageTs,
    press,
    replacesOriginal,
    picked,
    isUnthreaded = false,
  }: InteractionPlace,
  { user, response_url: responseUrl }: Presser,
  facts: SlackFacts,
): Interaction {
  const thread = threadTs === undefined ? {} : { threadTs };
  const under = messageTs === undefined ? {} : { messageTs };
  const named = { isUnthreaded, ...(picked === undefined ? {} : { picked }) };
  const way = responseUrl == null ? {} : { responseUrl, replacesOriginal };
  return {
    conversation: threadTs === undefined ? placeKeyOf(team, channel) : keyOf(team, channel, threadTs),
    dedupeId: `slack:press:${team}:${press}`,
    platform: "slack",
    place: placeOf(team, channel),
    by: personOf({ team, user: user.id, given: [user.name, user.username] }, facts),
    ...(threadTs === undefined ? { isOutside: true } : {}),
    replyTo: toAddress({ team, channel, ...thread, user: user.id, ...under, ...named, ...way }, facts),
  };
}

/**
 * The workspace of the press; the person's own workspace only if Slack omits it. In a shared channel they differ: `team` is
 * the app's. https://github.com/slackapi/java-slack-sdk/issues/1041
 */
export function teamOfBody({ team, user }: InteractionBody, facts: SlackFacts): string {
  return team?.id ?? user.team_id ?? facts.teamId;
}
