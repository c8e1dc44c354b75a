import type { Stopped } from "../../../domain/inbound.ts";
import { keyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import type { SessionStoppedBody } from "../wire/payload-schemas.ts";
import { teamOf } from "./from-message.ts";

/** The event names no answer. Its time does: Slack may deliver it long after that answer is over. */
export function fromSessionStop(body: SessionStoppedBody, facts: SlackFacts): Stopped {
  const { channel, thread_ts: threadTs, event_ts: eventTs } = body.event;
  const team = teamOf(body, facts);
  return {
    kind: "stopped",
    conversation: keyOf(team, channel, threadTs),
    dedupeId: `slack:stop:${team}:${channel}:${threadTs}:${eventTs}`,
    platform: "slack",
    place: placeOf(team, channel),
    pressedAtMs: Math.round(Number(eventTs) * 1_000),
  };
}
