import type { CommandInbound } from "../../../domain/inbound.ts";
import { orderOf } from "../../../domain/offer.ts";
import type { BlockActionsBody, MessageActionBody } from "../wire/payload-schemas.ts";
import { menuAction } from "../outbound/answer-menu.ts";
import { pressedIn, type Pressed } from "../outbound/offer-buttons.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { orderIn, pickAction, pickedName } from "../wire/conversation-picker.ts";
import { nameless } from "../text/mrkdwn-to-text.ts";
import { toAddress } from "../wire/reply-target.ts";
import { authorId, keyOf, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";

/** A message shortcut's callback id is this and the name of its command. */
const shortcutPrefix = "threadkeeper_";

/** What all ways to order something from a message have in common. */
interface PressedCommand {
  readonly team: string;
  readonly channel: string;
  /** Missing: it concerns no single conversation. */
  readonly threadTs?: string;
  /** Missing where the order was not given under a message of the conversation. */
  readonly messageTs?: string;
  readonly name: string;
  readonly argument: string;
  /** Unique for one press. */
  readonly press: string;
  readonly replacesOriginal: boolean;
  /** See SlackTarget. */
  readonly picked?: string;
}

/** The menu under an answer, the choice of a conversation after a slash command, or a button under a private line. */
export function fromBlockActions(body: BlockActionsBody, facts: SlackFacts): CommandInbound | undefined {
  const [action] = body.actions;
  const pressed = action && pressedIn(action.action_id, action.value);
  if (pressed !== undefined) return fromOffer(pressed, body, facts);
  const value = action?.selected_option?.value;
  if (action === undefined || value === undefined) return undefined;
  const press = body.trigger_id ?? action.action_ts;
  const common = { team: teamOf(body, facts), channel: body.channel.id, press: press ?? "" };
  if (action.action_id === pickAction) {
    const order = orderIn(action.block_id ?? "");
    if (order === undefined) return undefined;
    const { team, channel } = common;
    const link = facts.isOurs(team) ? permalinkOf({ channel, ts: value }, facts) : undefined;
    const picked = pickedName(action.selected_option?.text?.text ?? "", link);
    return toCommanded({ ...common, ...order, picked, threadTs: value, replacesOriginal: true }, body, facts);
  }
  const threadTs =
    body.message?.thread_ts ?? body.container?.thread_ts ?? body.message?.ts ?? body.container?.message_ts;
  if (action.action_id !== menuAction || threadTs == null) return undefined;
  const [name = "", ...words] = value.split(" ");
  const messageTs = body.message?.ts ?? body.container?.message_ts ?? threadTs;
  const order = { threadTs, messageTs, name, argument: words.join(" "), replacesOriginal: false };
  return toCommanded({ ...common, ...order }, body, facts);
}

/** Of the buttons under one line only the first that is pressed counts: all have one dedupe id. */
function fromOffer(pressed: Pressed, body: BlockActionsBody, facts: SlackFacts): CommandInbound {
  const { id, at, team, channel, thread } = pressed;
  const order = {
    ...orderOf(pressed, at, facts.nowMs),
    team,
    channel,
    ...(thread === undefined ? {} : { threadTs: thread }),
    press: `offer:${id}`,
    replacesOriginal: true,
  };
  return toCommanded(order, body, facts);
}

export function fromMessageAction(body: MessageActionBody, facts: SlackFacts): CommandInbound | undefined {
  const { callback_id: callback, message } = body;
  if (!callback.startsWith(shortcutPrefix)) return undefined;
  const order = {
    team: teamOf(body, facts),
    channel: body.channel.id,
    threadTs: message.thread_ts ?? message.ts,
    messageTs: message.ts,
    name: callback.slice(shortcutPrefix.length),
    argument: "",
    press: body.trigger_id ?? body.action_ts ?? "",
    replacesOriginal: false,
  };
  return toCommanded(order, body, facts);
}

function toCommanded(
  order: PressedCommand,
  { user, response_url: responseUrl }: BlockActionsBody | MessageActionBody,
  facts: SlackFacts,
): CommandInbound {
  const { team, channel, threadTs, messageTs, replacesOriginal, picked } = order;
  const thread = threadTs === undefined ? {} : { threadTs };
  const under = messageTs === undefined ? {} : { messageTs };
  const named = picked === undefined ? {} : { picked };
  const way = responseUrl == null ? {} : { responseUrl, replacesOriginal };
  return {
    kind: "commanded",
    conversation: threadTs === undefined ? placeKeyOf(team, channel) : keyOf(team, channel, threadTs),
    dedupeId: `slack:press:${order.press}`,
    platform: "slack",
    place: placeOf(team, channel),
    name: order.name,
    argument: order.argument,
    by: {
      id: authorId(team, user.id),
      name: facts.nameOf(user.id) ?? user.name ?? user.username ?? nameless,
    },
    saidAtMs: facts.nowMs,
    replyTo: toAddress({ team, channel, ...thread, user: user.id, ...under, ...named, ...way }, facts.nowMs),
  };
}

/** The installation's workspace; a guest's own is the last resort. */
function teamOf({ team, user }: BlockActionsBody | MessageActionBody, facts: SlackFacts): string {
  return team?.id ?? user.team_id ?? facts.teamId;
}
