import { asObject } from "../wire/json-object.ts";
import { slackChange, type SlackChange } from "../wire/slack-change.ts";

type Event = Readonly<Record<string, unknown>>;

const ofChannel = ({ channel }: Event) => ({ channels: [channel] });
const ofNamedChannel = ({ channel }: Event) => ({ channels: [asObject(channel)["id"]] });
const ofMember = ({ channel, user }: Event) => ({ channel, member: user });

/**
 * What each event says of a place or a person, by its type. `user_profile_changed` is missing: Slack sends the same as
 * `user_change` at the same time.
 * https://docs.slack.dev/reference/events
 */
const changes: Readonly<Record<string, (event: Event) => unknown>> = {
  channel_archive: ofChannel,
  channel_deleted: ofChannel,
  channel_id_changed: ({ old_channel_id: before, new_channel_id: after }) => ({ channels: [before, after] }),
  channel_left: ofChannel,
  channel_rename: ofNamedChannel,
  channel_shared: ofChannel,
  channel_unarchive: ofChannel,
  channel_unshared: ofChannel,
  group_archive: ofChannel,
  group_deleted: ofChannel,
  group_left: ofChannel,
  group_rename: ofNamedChannel,
  group_unarchive: ofChannel,
  member_joined_channel: ofMember,
  member_left_channel: ofMember,
  user_change: ({ user }) => ({ person: user }),
};

/** Slack has no event for these: it writes a notice into the channel, as a message of this subtype. */
const noticeSubtypes: ReadonlySet<unknown> = new Set([
  "channel_convert_to_private",
  "channel_convert_to_public",
]);

/** What an event says has changed. Undefined for every other body, and for one whose form is not Slack's. */
export function changeIn(body: unknown): SlackChange | undefined {
  const event = asObject(asObject(body)["event"]);
  const { type, subtype } = event;
  // Most bodies are messages, and a schema that refuses costs more than one that accepts.
  if (type === "message") return noticeSubtypes.has(subtype) ? parsed(ofChannel(event)) : undefined;
  const read = typeof type === "string" && Object.hasOwn(changes, type) ? changes[type] : undefined;
  return read && parsed(read(event));
}

function parsed(change: unknown): SlackChange | undefined {
  return slackChange.safeParse(change).data;
}
