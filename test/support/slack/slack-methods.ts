import { asList, asText } from "./untyped-json.ts";
import { channelsOf, info, members, pageIn, type SlackChannel } from "./slack-channels.ts";
import { completeUpload, deleteFile, openUpload, type SlackUploads } from "./slack-files.ts";
import { fileInfo, type HostedFile } from "./slack-hosted-files.ts";
import { history, replies } from "./slack-history.ts";
import type { SlackWhisper } from "./slack-hooks.ts";
import { faultIn } from "./slack-limits.ts";
import type { SlackMessage, SlackMessages } from "./slack-messages.ts";
import type { SlackBodies } from "./slack-bodies.ts";
import { userObject, type SlackPerson } from "./slack-people.ts";
import { renameSession, setSessionStatus, type SlackSessions } from "./slack-sessions.ts";
import type { SlackSockets } from "./slack-sockets.ts";
import type { SlackStandInSettings } from "./slack-settings.ts";
import type { SlackHomes } from "./slack-homes.ts";
import type { SlackViews } from "./slack-views.ts";
import {
  appendStream,
  refuseWhileStreaming,
  startStream,
  stopStream,
  type SlackStreams,
} from "./slack-streams.ts";
import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import { threadIn } from "./slack-threads.ts";

type Answer = Readonly<Record<string, unknown>>;

/** Called for changes of the bot's own messages, which Slack delivers as events. */
interface SlackEcho {
  readonly posted: (message: SlackMessage) => void;
  readonly edited: (message: SlackMessage, previous: Answer) => void;
  readonly deleted: (message: SlackMessage) => void;
}

/** The state that the methods read and change. */
export interface SlackWorld {
  readonly settings: SlackStandInSettings;
  readonly messages: SlackMessages;
  readonly whispers: SlackWhisper[];
  readonly bodies: SlackBodies;
  readonly sockets: SlackSockets;
  readonly people: Map<string, SlackPerson>;
  /** Channels that a test has described. DMs always exist. */
  readonly channels: Map<string, SlackChannel>;
  readonly uploads: SlackUploads;
  readonly views: SlackViews;
  readonly homes: SlackHomes;
  /** Files that people uploaded, by id. */
  readonly files: Map<string, HostedFile>;
  /** Channel → the error of each write, such as is_archived or not_in_channel. */
  readonly refusals: Map<string, string>;
  /** `<channel>/<user>` of people who can't get ephemeral messages there. */
  readonly absent: Set<string>;
  /** Of the older assistant threads. */
  readonly statuses: { readonly channel: string; readonly threadTs: string; readonly status: string }[];
  readonly sessions: SlackSessions;
  readonly streams: SlackStreams;
  readonly echo: SlackEcho;
  readonly origin: () => string;
}

type Method = (world: SlackWorld, args: SlackArguments) => Answer;

/** The methods that the bot calls. Every other one is an `unknown_method`, as in Slack. */
export const methods: Readonly<Record<string, Method>> = {
  "auth.test": ({ settings, origin }) => ({
    url: `${origin()}/`,
    team: "Stand-in",
    user: "threadkeeper",
    ...accountOf(settings),
    user_id: settings.botUserId,
    bot_id: settings.botId,
  }),
  "auth.teams.list": ({ settings }) => {
    if (!settings.listsTeams) throw new SlackRefusal("unknown_method");
    if (settings.organisation === "") throw new SlackRefusal("not_allowed_token_type");
    return { teams: [{ id: settings.team, name: "Stand-in" }], response_metadata: { next_cursor: "" } };
  },
  "apps.connections.open": ({ sockets, origin }) => ({ url: sockets.ticket(origin()) }),
  "users.info": ({ people, settings }, args) => {
    const id = textIn(args, "user");
    const person = people.get(id);
    if (person === undefined) throw new SlackRefusal("user_not_found");
    return { user: userObject(id, person, settings) };
  },
  "bots.info": ({ people }, args) => {
    const id = textIn(args, "bot");
    const bot = people.get(id);
    if (bot?.isBot !== true) throw new SlackRefusal("bot_not_found");
    return { bot: { id, deleted: false, name: bot.name, updated: 0, app_id: "A1" } };
  },
  "users.list": ({ people, settings }, args) => {
    checkTeam(settings, args);
    const { page, next } = pageIn([...people], args, 0);
    const users = page.map(([id, person]) => userObject(id, person, settings));
    return { members: users, cache_ts: 0, response_metadata: { next_cursor: next } };
  },
  "users.conversations": (world, args) => {
    checkTeam(world.settings, args);
    return channelsOf(world, args, "account");
  },
  "conversations.list": (world, args) => {
    checkTeam(world.settings, args);
    return channelsOf(world, args, "workspace");
  },
  "conversations.info": info,
  "conversations.members": members,
  "conversations.open": ({ people }, args) => {
    const user = textIn(args, "users");
    if (people.get(user) === undefined) throw new SlackRefusal("user_not_found");
    return { channel: { id: dmWith(user) } };
  },
  "files.info": fileInfo,
  "files.delete": deleteFile,
  "files.getUploadURLExternal": openUpload,
  "files.completeUploadExternal": completeUpload,
  "chat.postMessage": postMessage,
  "chat.update": update,
  "chat.startStream": startStream,
  "chat.appendStream": appendStream,
  "chat.stopStream": stopStream,
  "chat.delete": (world, args) => {
    const message = ownMessage(world, args, "cant_delete_message");
    refuseWhileStreaming(world, message, "cant_delete_message");
    message.isDeleted = true;
    world.echo.deleted(message);
    return { channel: message.channel, ts: message.ts };
  },
  "chat.postEphemeral": postEphemeral,
  "reactions.add": react,
  "conversations.history": history,
  "conversations.replies": replies,
  "views.open": ({ views }, args) => ({ view: views.open(args) }),
  "views.publish": ({ homes, people }, args) => ({ view: homes.publish(args, (user) => people.has(user)) }),
  "agents.sessions.setStatus": setSessionStatus,
  "agents.sessions.rename": renameSession,
  "assistant.threads.setStatus": ({ statuses }, args) => {
    const [channel, threadTs] = [textIn(args, "channel_id"), textIn(args, "thread_ts")];
    statuses.push({ channel, threadTs, status: asText(args["status"]) });
    return {};
  },
};

function accountOf({ team, organisation, listsTeams }: SlackStandInSettings): Answer {
  if (organisation === "") return { team_id: team, is_enterprise_install: false };
  return {
    ...(listsTeams ? { team_id: organisation } : {}),
    enterprise_id: organisation,
    is_enterprise_install: true,
  };
}

/** An organisation's token must name the workspace: https://docs.slack.dev/enterprise/organization-ready-apps */
function checkTeam({ team, organisation }: SlackStandInSettings, args: SlackArguments): void {
  if (organisation === "") return;
  if (args["team_id"] === undefined) throw new SlackRefusal("missing_argument");
  if (args["team_id"] !== team) throw new SlackRefusal("team_not_found");
}

function postMessage(world: SlackWorld, args: SlackArguments): Answer {
  const { settings, messages } = world;
  const to = textIn(args, "channel");
  // A user id as the channel means the DM with that person.
  const channel = to.startsWith("U") ? dmWith(to) : to;
  const threadTs = threadIn(world, channel, args);
  const message = messages.add({
    team: settings.team,
    channel,
    user: settings.botUserId,
    botId: settings.botId,
    files: [],
    ...contentIn("chat.postMessage", args, settings),
    metadata: args["metadata"],
    ...(threadTs === undefined ? {} : { threadTs }),
  });
  world.echo.posted(message);
  return { channel, ts: message.ts, message: world.bodies.inner(message) };
}

function update(world: SlackWorld, args: SlackArguments): Answer {
  const message = ownMessage(world, args, "cant_update_message");
  refuseWhileStreaming(world, message, "streaming_state_conflict");
  const previous = world.bodies.inner(message);
  // Slack's error in a stream that it ended goes.
  if (message.stream?.state === "errored") message.stream.state = "completed";
  // Text without blocks removes the old blocks; omitted metadata stays.
  const metadata = args["metadata"] ?? message.metadata;
  world.messages.edit(message, { ...contentIn("chat.update", args, world.settings), metadata });
  world.echo.edited(message, previous);
  return { channel: message.channel, ts: message.ts, text: message.text };
}

function postEphemeral(world: SlackWorld, args: SlackArguments): Answer {
  const channel = textIn(args, "channel");
  const user = textIn(args, "user");
  const threadTs = threadIn(world, channel, args);
  if (world.absent.has(`${channel}/${user}`)) throw new SlackRefusal("user_not_in_channel");
  world.whispers.push({
    via: "chat.postEphemeral",
    channel,
    user,
    ...contentIn("chat.postEphemeral", args, world.settings),
    ...(threadTs === undefined ? {} : { threadTs }),
    replacesOriginal: false,
  });
  return { message_ts: world.messages.nextTs() };
}

function react({ messages, refusals }: SlackWorld, args: SlackArguments): Answer {
  const channel = textIn(args, "channel");
  if (refusals.get(channel) === "is_archived") throw new SlackRefusal("is_archived");
  const message = messages.get(channel, textIn(args, "timestamp"));
  if (message === undefined) throw new SlackRefusal("message_not_found");
  const name = textIn(args, "name");
  if (message.reactions?.includes(name) === true) throw new SlackRefusal("already_reacted");
  message.reactions = [...(message.reactions ?? []), name];
  return {};
}

function dmWith(user: string): string {
  return `D${user.slice(1)}`;
}

function contentIn(method: string, args: SlackArguments, settings: SlackStandInSettings) {
  const content = {
    text: asText(args["text"]),
    blocks: asList(args["blocks"]),
  };
  const fault = faultIn(method, content, settings);
  if (fault === undefined) return content;
  const { code, messages } = fault;
  throw new SlackRefusal(code, messages === undefined ? {} : { response_metadata: { messages } });
}

function ownMessage(world: SlackWorld, args: SlackArguments, refusal: string): SlackMessage {
  const channel = textIn(args, "channel");
  const closed = world.refusals.get(channel);
  if (closed !== undefined) throw new SlackRefusal(closed);
  const message = world.messages.get(channel, textIn(args, "ts"));
  if (message === undefined) throw new SlackRefusal("message_not_found");
  if (message.user !== world.settings.botUserId) throw new SlackRefusal(refusal);
  return message;
}
