import type { CommandInbound } from "../../../domain/inbound.ts";
import type { SlackFacts } from "../wire/keys.ts";
import type { MessageActionBody } from "../wire/payload-schemas.ts";
import { interactionAt, teamOfBody } from "./interaction.ts";

/** The callback id of a message shortcut: this prefix and the name of its command. */
const shortcutPrefix = "threadkeeper_";

/**
 * A message shortcut. It is a command and no press: like a slash command, it stands in Slack's own menus, by its name.
 * https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
 */
export function fromMessageAction(body: MessageActionBody, facts: SlackFacts): CommandInbound | undefined {
  const { callback_id: callback, message } = body;
  if (!callback.startsWith(shortcutPrefix)) return undefined;
  const place = {
    team: teamOfBody(body, facts),
    channel: body.channel.id,
    threadTs: message.thread_ts ?? message.ts,
    messageTs: message.ts,
    press: body.trigger_id ?? body.action_ts ?? "",
    replacesOriginal: false,
  };
  const name = callback.slice(shortcutPrefix.length);
  return {
    ...interactionAt(place, body, facts),
    kind: "commanded",
    name,
    argument: "",
    saidAtMs: facts.nowMs,
  };
}
