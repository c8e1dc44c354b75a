import type { CommandInbound, Pressed } from "../../../domain/inbound.ts";
import { valueOfChoice } from "../../../domain/offer.ts";
import type { BlockActionsBody, MessageActionBody } from "../wire/payload-schemas.ts";
import { menuAction } from "../outbound/answer-menu.ts";
import { offerPressIn, type OfferPress } from "../outbound/offer-buttons.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { commandIn, pickAction, pickedName } from "../wire/conversation-picker.ts";
import { nameless } from "../text/mrkdwn-to-text.ts";
import { toAddress } from "../wire/reply-target.ts";
import { authorId, keyOf, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";

/** The callback id of a message shortcut: this prefix and the name of its command. */
const shortcutPrefix = "threadkeeper_";

/** A command that was given by a menu, a button or a message shortcut. */
interface CommandPress {
  readonly team: string;
  readonly channel: string;
  /** Missing: the command concerns no single conversation. */
  readonly threadTs?: string;
  /** Missing: it was not given under a message of the conversation. */
  readonly messageTs?: string;
  readonly name: string;
  readonly argument: string;
  /** Unique per press in the workspace. */
  readonly press: string;
  readonly replacesOriginal: boolean;
  /** See SlackTarget. */
  readonly picked?: string;
}

/**
 * A line of the menu under an answer, a choice in the conversation picker, or an offer button under a private reply.
 * Undefined for elements that are not ours. https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
export function fromBlockActions(
  body: BlockActionsBody,
  facts: SlackFacts,
): CommandInbound | Pressed | undefined {
  const [action] = body.actions;
  const pressed = action && offerPressIn(action.action_id, action.value);
  if (pressed !== undefined) return fromOfferButton(pressed, body, facts);
  const value = action?.selected_option?.value;
  if (action === undefined || value === undefined) return undefined;
  const press = body.trigger_id ?? action.action_ts;
  const common = { team: teamOf(body, facts), channel: body.channel.id, press: press ?? "" };
  if (action.action_id === pickAction) {
    const command = commandIn(action.block_id ?? "");
    if (command === undefined) return undefined;
    const { team, channel } = common;
    const link = facts.isOurs(team) ? permalinkOf({ channel, ts: value }, facts) : undefined;
    const picked = pickedName(action.selected_option?.text?.text ?? "", link);
    return toCommandInbound(
      { ...common, ...command, picked, threadTs: value, replacesOriginal: true },
      body,
      facts,
    );
  }
  const threadTs =
    body.message?.thread_ts ?? body.container?.thread_ts ?? body.message?.ts ?? body.container?.message_ts;
  if (action.action_id !== menuAction || threadTs == null) return undefined;
  const [name = "", ...words] = value.split(" ");
  const messageTs = body.message?.ts ?? body.container?.message_ts ?? threadTs;
  const command = { threadTs, messageTs, name, argument: words.join(" "), replacesOriginal: false };
  return toCommandInbound({ ...common, ...command }, body, facts);
}

/** All buttons of one offer share a dedupe id, so that only the first press counts. */
function fromOfferButton(
  pressed: OfferPress,
  body: BlockActionsBody,
  facts: SlackFacts,
): Pressed | undefined {
  const { id, at, name, argument, team, channel, thread } = pressed;
  // The button names its conversation, and may only name one of this installation.
  if (!facts.isOurs(team)) return undefined;
  const command = {
    name,
    argument,
    team,
    channel,
    ...(thread === undefined ? {} : { threadTs: thread }),
    press: `offer:${id}`,
    replacesOriginal: true,
  };
  const { name: _, argument: _argument, saidAtMs, ...rest } = toCommandInbound(command, body, facts);
  const value = valueOfChoice(command, at);
  return { ...rest, kind: "pressed", action: "give-command", on: id, value, pressedAtMs: saidAtMs };
}

/** A message shortcut. https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export function fromMessageAction(body: MessageActionBody, facts: SlackFacts): CommandInbound | undefined {
  const { callback_id: callback, message } = body;
  if (!callback.startsWith(shortcutPrefix)) return undefined;
  const command = {
    team: teamOf(body, facts),
    channel: body.channel.id,
    threadTs: message.thread_ts ?? message.ts,
    messageTs: message.ts,
    name: callback.slice(shortcutPrefix.length),
    argument: "",
    press: body.trigger_id ?? body.action_ts ?? "",
    replacesOriginal: false,
  };
  return toCommandInbound(command, body, facts);
}

function toCommandInbound(
  command: CommandPress,
  { user, response_url: responseUrl }: BlockActionsBody | MessageActionBody,
  facts: SlackFacts,
): CommandInbound {
  const { team, channel, threadTs, messageTs, replacesOriginal, picked } = command;
  const thread = threadTs === undefined ? {} : { threadTs };
  const under = messageTs === undefined ? {} : { messageTs };
  const named = picked === undefined ? {} : { picked };
  const way = responseUrl == null ? {} : { responseUrl, replacesOriginal };
  return {
    kind: "commanded",
    conversation: threadTs === undefined ? placeKeyOf(team, channel) : keyOf(team, channel, threadTs),
    dedupeId: `slack:press:${team}:${command.press}`,
    platform: "slack",
    place: placeOf(team, channel),
    name: command.name,
    argument: command.argument,
    by: {
      id: authorId(team, user.id),
      name: facts.nameOf(user.id) ?? user.name ?? user.username ?? nameless,
    },
    saidAtMs: facts.nowMs,
    ...(threadTs === undefined ? { isOutside: true } : {}),
    replyTo: toAddress({ team, channel, ...thread, user: user.id, ...under, ...named, ...way }, facts),
  };
}

/** The workspace of the press; the person's own workspace only if Slack omits it. */
function teamOf({ team, user }: BlockActionsBody | MessageActionBody, facts: SlackFacts): string {
  return team?.id ?? user.team_id ?? facts.teamId;
}
