import { z } from "zod";

import { asObject } from "./json-object.ts";

// The fields that we read from Slack's bodies; all others are dropped. Slack writes null for missing values.

const file = z.looseObject({
  id: z.string().nullish(),
  name: z.string().nullish(),
  title: z.string().nullish(),
  mimetype: z.string().nullish(),
  size: z.number().nullish(),
  /** `tombstone`: a deleted file. */
  mode: z.string().nullish(),
});

/** Content and author of a message. Blocks and attachments are read without a schema, see text/. */
const content = {
  text: z.string().nullish(),
  blocks: z.unknown().optional(),
  attachments: z.unknown().optional(),
  files: z.array(file).nullish(),
  user: z.string().nullish(),
  bot_id: z.string().nullish(),
  username: z.string().nullish(),
  bot_profile: z.unknown().optional(),
  workflow_id: z.string().nullish(),
  user_profile: z.unknown().optional(),
};

const innerMessage = z.object({
  ...content,
  ts: z.string(),
  subtype: z.string().nullish(),
  thread_ts: z.string().nullish(),
  metadata: z.unknown().optional(),
  edited: z.object({ ts: z.string() }).nullish(),
});

const messageEvent = z.object({
  ...content,
  type: z.enum(["message", "app_mention"]),
  subtype: z.string().nullish(),
  channel: z.string().min(1),
  channel_type: z.string().nullish(),
  hidden: z.boolean().nullish(),
  ts: z.string().min(1),
  event_ts: z.string().nullish(),
  thread_ts: z.string().nullish(),
  deleted_ts: z.string().nullish(),
  metadata: z.unknown().optional(),
  message: innerMessage.nullish(),
  previous_message: innerMessage.nullish(),
});

/** A message from conversations.history or conversations.replies, without its channel. */
export const historyMessage = z.object({
  ...content,
  type: z.string().nullish(),
  subtype: z.string().nullish(),
  hidden: z.boolean().nullish(),
  ts: z.string().min(1),
  thread_ts: z.string().nullish(),
  metadata: z.unknown().optional(),
  /** Only on the root of a thread. */
  reply_count: z.number().nullish(),
});

/** An Events API body with a message. https://docs.slack.dev/reference/events/message */
export const messageBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: messageEvent,
});

/**
 * A person pressed Stop in Slack's own view of a session. Bolt types it (`AgentSessionStoppedEvent`) and does not check it.
 * https://docs.slack.dev/reference/events/agent_session_stopped
 */
export const sessionStoppedBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: z.object({
    type: z.literal("agent_session_stopped"),
    channel: z.string().min(1),
    thread_ts: z.string().min(1),
    event_ts: z.string().regex(/^\d{1,12}(\.\d{1,9})?$/u),
  }),
});

/**
 * A person named a session in Slack. Titles have at most 200 characters.
 * https://docs.slack.dev/reference/events/agent_session_title_changed
 */
export const sessionTitleBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: z.object({
    type: z.literal("agent_session_title_changed"),
    channel: z.string().min(1),
    thread_ts: z.string().min(1),
    title: z.string().max(200),
    user: z.string().nullish(),
  }),
});

/** A member joined a channel. https://docs.slack.dev/reference/events/member_joined_channel */
export const joinedChannelBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: z.object({ channel: z.string().min(1) }),
});

/**
 * A person added a reaction to a message, or removed it. Of other items, such as files, it is no such body.
 * https://docs.slack.dev/reference/events/reaction_added
 */
export const reactionBody = z.object({
  team_id: z.string().nullish(),
  context_team_id: z.string().nullish(),
  authorizations: z.array(z.object({ team_id: z.string().nullish() })).nullish(),
  event: z.object({
    user: z.string().min(1),
    item: z.object({ type: z.literal("message"), channel: z.string().min(1), ts: z.string().min(1) }),
    event_ts: z.string().min(1),
  }),
});

const person = z.object({
  id: z.string(),
  name: z.string().nullish(),
  username: z.string().nullish(),
  team_id: z.string().nullish(),
});
const team = z.object({ id: z.string() });
const place = z.object({ id: z.string() });
const threaded = z.object({ ts: z.string(), thread_ts: z.string().nullish() });

/** A choice in a menu or picker, or a press of a button. */
export const blockActionsBody = z.object({
  type: z.literal("block_actions"),
  user: person,
  team: team.nullish(),
  channel: place,
  container: z.object({ message_ts: z.string().nullish(), thread_ts: z.string().nullish() }).nullish(),
  message: threaded.nullish(),
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        block_id: z.string().nullish(),
        action_ts: z.string().nullish(),
        /** Only of buttons; of feedback buttons that of the pressed one. */
        value: z.string().nullish(),
        selected_option: z
          .object({ value: z.string(), text: z.object({ text: z.string() }).nullish() })
          .nullish(),
      }),
    )
    .min(1),
});

/** A message shortcut. */
export const messageActionBody = z.object({
  type: z.literal("message_action"),
  callback_id: z.string(),
  user: person,
  team: team.nullish(),
  channel: place,
  message: threaded,
  action_ts: z.string().nullish(),
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
});

/** A message shortcut with its whole message. */
export const askedMessageBody = messageActionBody.extend({
  callback_id: z.literal("threadkeeper_ask"),
  message: z.object({
    ...content,
    ts: z.string().min(1),
    subtype: z.string().nullish(),
    thread_ts: z.string().nullish(),
  }),
});

const viewSubmissionBody = z.object({
  type: z.literal("view_submission"),
  user: person,
  trigger_id: z.string().nullish(),
  view: z.object({
    id: z.string(),
    callback_id: z.string().nullish(),
    private_metadata: z.string().nullish(),
    state: z.object({
      /** By block id and action id. */
      values: z.record(z.string(), z.record(z.string(), z.object({ value: z.string().nullish() }))),
    }),
  }),
});

/** A modal that a person has sent. Undefined for every other body. */
export function viewSubmissionOf(body: unknown): ViewSubmissionBody | undefined {
  return asObject(body)["type"] === "view_submission" ? viewSubmissionBody.safeParse(body).data : undefined;
}

/** A slash command. It names the channel, never a thread. */
const slashCommandBody = z.object({
  command: z.string(),
  text: z.string().nullish(),
  user_id: z.string(),
  user_name: z.string().nullish(),
  /** May be missing for an app that is installed for a whole organisation. */
  team_id: z.string().nullish(),
  channel_id: z.string(),
  trigger_id: z.string().nullish(),
  response_url: z.string().nullish(),
});

/** Undefined for every other body. */
export function slashCommandOf(body: unknown): z.output<typeof slashCommandBody> | undefined {
  // Most bodies are events, and a schema that refuses costs more than one that accepts.
  return "command" in asObject(body) ? slashCommandBody.safeParse(body).data : undefined;
}

export type MessageBody = z.output<typeof messageBody>;
export type SessionStoppedBody = z.output<typeof sessionStoppedBody>;
export type HistoryMessage = z.output<typeof historyMessage>;
export type MessageEvent = z.output<typeof messageEvent>;
export type BlockActionsBody = z.output<typeof blockActionsBody>;
export type MessageActionBody = z.output<typeof messageActionBody>;
export type AskedMessageBody = z.output<typeof askedMessageBody>;
export type SlashCommandBody = z.output<typeof slashCommandBody> & { readonly team_id: string };
export type ViewSubmissionBody = z.output<typeof viewSubmissionBody>;
