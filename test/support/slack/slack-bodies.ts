import type { SlackMessage } from "./slack-messages.ts";
import type { SlackStandInSettings } from "./slack-settings.ts";

/** The bodies that Slack sends to apps, as its documentation shows them. */
export class SlackBodies {
  readonly #settings: SlackStandInSettings;
  #count = 0;

  constructor(settings: SlackStandInSettings) {
    this.#settings = settings;
  }

  /** Unique in this stand-in. */
  id(prefix: string): string {
    this.#count += 1;
    return `${prefix}${String(this.#count).padStart(8, "0")}`;
  }

  event(team: string, event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { organisation, botUserId } = this.#settings;
    const isOrganisation = organisation !== "";
    return {
      token: "legacy-verification-token",
      team_id: team,
      api_app_id: "ASTANDIN",
      event,
      type: "event_callback",
      event_id: this.id("Ev"),
      event_time: Math.floor(Date.now() / 1_000),
      authorizations: [
        {
          enterprise_id: isOrganisation ? organisation : null,
          team_id: isOrganisation ? null : team,
          user_id: botUserId,
          is_bot: true,
          is_enterprise_install: isOrganisation,
        },
      ],
      is_ext_shared_channel: false,
    };
  }

  message(message: SlackMessage): Readonly<Record<string, unknown>> {
    return {
      type: "message",
      ...this.inner(message),
      ...(message.files.length === 0 ? {} : { subtype: "file_share" }),
      channel: message.channel,
      event_ts: message.ts,
      channel_type: channelType(message.channel),
    };
  }

  mention(message: SlackMessage): Readonly<Record<string, unknown>> {
    // An app_mention has no channel_type.
    return { ...this.inner(message), type: "app_mention", channel: message.channel, event_ts: message.ts };
  }

  changed(message: SlackMessage, previous: Readonly<Record<string, unknown>>, ts: string) {
    return {
      type: "message",
      subtype: "message_changed",
      hidden: true,
      message: this.inner(message),
      previous_message: previous,
      channel: message.channel,
      channel_type: channelType(message.channel),
      ts,
      event_ts: ts,
    };
  }

  deleted(message: SlackMessage, ts: string) {
    return {
      type: "message",
      subtype: "message_deleted",
      hidden: true,
      deleted_ts: message.ts,
      previous_message: this.inner(message),
      channel: message.channel,
      channel_type: channelType(message.channel),
      ts,
      event_ts: ts,
    };
  }

  /** A message as part of an event or an answer. */
  inner(message: SlackMessage): Readonly<Record<string, unknown>> {
    const { ts, threadTs, user, botId, text, blocks, metadata, files, team, editedTs, stream } = message;
    if (message.isTombstone === true) {
      const slackbot = { user: "USLACKBOT", hidden: true };
      return { type: "message", subtype: "tombstone", ...slackbot, text, ts, thread_ts: ts };
    }
    return {
      type: "message",
      user,
      text,
      ts,
      team,
      ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
      ...(botId === undefined ? {} : { bot_id: botId, app_id: "ASTANDIN", blocks, metadata }),
      ...(files.length === 0 ? {} : { files }),
      ...(stream === undefined ? {} : { streaming_state: stream.state }),
      ...(editedTs === undefined ? {} : { edited: { user, ts: editedTs } }),
      ...message.wire,
    };
  }
}

function channelType(channel: string): string {
  if (channel.startsWith("D")) return "im";
  return channel.startsWith("G") ? "mpim" : "channel";
}
