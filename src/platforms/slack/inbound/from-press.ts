import type { Pressed } from "../../../domain/inbound.ts";
import { valueOfChoice } from "../../../domain/offer.ts";
import { offerPressIn, type OfferPress } from "../outbound/offer-buttons.ts";
import { buttonAction, feedbackAction, menuAction } from "../wire/action-ids.ts";
import { actionIn, type PressedAction } from "../wire/action-value.ts";
import { commandIn, pickAction, pickedName } from "../wire/conversation-picker.ts";
import type { SlackFacts } from "../wire/keys.ts";
import type { BlockActionsBody } from "../wire/payload-schemas.ts";
import { permalinkOf } from "../wire/permalink.ts";
import { interactionAt, teamOfBody, type InteractionPlace } from "./interaction.ts";

type Element = BlockActionsBody["actions"][number];

/**
 * A press of a button, of a thumb or of a menu line under a post, a choice in the conversation picker, or an offer button under a
 * private reply. Undefined for elements that are not ours.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */
export function fromBlockActions(body: BlockActionsBody, facts: SlackFacts): Pressed | undefined {
  const [element] = body.actions;
  if (element === undefined) return undefined;
  const id = element.action_id;
  const offer = offerPressIn(id, element.value);
  if (offer !== undefined) return fromOffer(offer, body, facts);
  if (id === pickAction) return fromPicker(element, body, facts);
  const isUnderPost = id === menuAction || id === feedbackAction || id.startsWith(buttonAction);
  return isUnderPost ? fromPost(element, body, facts) : undefined;
}

/** Under a post, which is in the thread that the press is about. */
function fromPost(element: Element, body: BlockActionsBody, facts: SlackFacts): Pressed | undefined {
  const pressed = actionIn(element.selected_option?.value ?? element.value ?? "");
  const messageTs = body.message?.ts ?? body.container?.message_ts;
  const threadTs = body.message?.thread_ts ?? body.container?.thread_ts ?? messageTs;
  if (pressed === undefined || threadTs == null) return undefined;
  const place = {
    ...placeIn(element, body, facts),
    threadTs,
    messageTs: messageTs ?? threadTs,
    replacesOriginal: false,
  };
  return toPressed(pressed, place, body, facts);
}

/** In the list of conversations that asked which one a slash command is about. */
function fromPicker(element: Element, body: BlockActionsBody, facts: SlackFacts): Pressed | undefined {
  const command = commandIn(element.block_id ?? "");
  const threadTs = element.selected_option?.value;
  if (command === undefined || threadTs === undefined) return undefined;
  const where = placeIn(element, body, facts);
  const { team, channel } = where;
  const link = facts.isOurs(team) ? permalinkOf({ channel, ts: threadTs }, facts) : undefined;
  const picked = pickedName(element.selected_option?.text?.text ?? "", link);
  // The person has just given the command, so a "yes" in it counts.
  const pressed = { action: "give-command", value: valueOfChoice(command, facts.nowMs) };
  return toPressed(pressed, { ...where, threadTs, picked, replacesOriginal: true }, body, facts);
}

/** All buttons of one offer share a dedupe id, so that only the first press counts. */
function fromOffer(offer: OfferPress, body: BlockActionsBody, facts: SlackFacts): Pressed | undefined {
  const { id, at, team, channel, thread } = offer;
  // The button names its conversation, and may only name one of this installation.
  if (!facts.isOurs(team)) return undefined;
  const pressed = { action: "give-command", on: id, value: valueOfChoice(offer, at) };
  const under = thread === undefined ? {} : { threadTs: thread };
  const place = { team, channel, ...under, press: `offer:${id}`, replacesOriginal: true };
  return toPressed(pressed, place, body, facts);
}

function placeIn({ action_ts: actionTs }: Element, body: BlockActionsBody, facts: SlackFacts) {
  const press = body.trigger_id ?? actionTs ?? "";
  return { team: teamOfBody(body, facts), channel: body.channel.id, press };
}

function toPressed(
  { action, on, value }: PressedAction,
  place: InteractionPlace,
  body: BlockActionsBody,
  facts: SlackFacts,
): Pressed {
  const interaction = interactionAt(place, body, facts);
  return {
    ...interaction,
    kind: "pressed",
    action,
    on: on ?? interaction.conversation,
    pressedAtMs: facts.nowMs,
    ...(value === undefined ? {} : { value }),
  };
}
