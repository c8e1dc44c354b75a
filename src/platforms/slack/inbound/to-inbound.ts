import type { Inbound } from "../../../domain/inbound.ts";
import {
  blockActionsBody,
  messageActionBody,
  messageBody,
  sessionStoppedBody,
} from "../wire/payload-schemas.ts";
import { fromJoin } from "./from-join.ts";
import { fromMessage } from "./from-message.ts";
import { fromBlockActions } from "./from-press.ts";
import { fromReaction } from "./from-reaction.ts";
import { fromSessionStop } from "./from-session-stop.ts";
import { fromMessageAction } from "./from-shortcut.ts";
import type { SlackFacts } from "../wire/keys.ts";

/**
 * Converts a body from Slack; undefined for everything that does not concern the bot. Slash commands are handled in
 * ingress.ts.
 */
export function toInbound(body: unknown, facts: SlackFacts): Inbound | undefined {
  const reaction = fromReaction(body, facts);
  if (reaction !== undefined) return reaction;
  const message = messageBody.safeParse(body);
  if (message.success) return fromMessage(message.data, facts);
  const actions = blockActionsBody.safeParse(body);
  if (actions.success) return fromBlockActions(actions.data, facts);
  const stop = sessionStoppedBody.safeParse(body);
  if (stop.success) return fromSessionStop(stop.data, facts);
  const joined = fromJoin(body, facts);
  if (joined !== undefined) return joined;
  const shortcut = messageActionBody.safeParse(body);
  return shortcut.success ? fromMessageAction(shortcut.data, facts) : undefined;
}
