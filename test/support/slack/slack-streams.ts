import { asList, asText } from "./untyped-json.ts";
import { faultIn } from "./slack-limits.ts";
import type { SlackMessage } from "./slack-messages.ts";
import type { SlackWorld } from "./slack-methods.ts";
import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import { sessionStatuses } from "./slack-sessions.ts";
import { threadIn } from "./slack-threads.ts";

type Answer = Readonly<Record<string, unknown>>;

/** What a message that was streamed has gone through. */
export interface SlackStream {
  readonly startedMs: number;
  /** As in history and events. */
  state: "in_progress" | "completed" | "errored";
  /** A person pressed Slack's own Stop. */
  isStoppedByUser?: true;
}

/** Of one call, and of all of a stream. https://docs.slack.dev/reference/methods/chat.appendStream */
const markdownChars = 12_000;
/** Slack ends a stream by itself after this, however much it grows: https://github.com/slackapi/node-slack-sdk/issues/2702 */
const lifeMs = 300_000;

/** The streams of the workspace, and their clock. */
export class SlackStreams {
  readonly all: SlackMessage[] = [];
  nowMs: () => number = Date.now;
  #passedMs = 0;

  pass(ms: number): void {
    this.#passedMs += ms;
  }

  begin(): SlackStream {
    return { startedMs: this.nowMs() + this.#passedMs, state: "in_progress" };
  }

  /** What still looks to people as if the bot were writing. */
  get open(): readonly SlackMessage[] {
    return this.all.filter((message) => !message.isDeleted && this.isOpen(message));
  }

  /** Those that Slack had to end by itself; people see an error in them until they are edited. */
  get broken(): readonly SlackMessage[] {
    return this.all.filter((message) => !message.isDeleted && message.stream?.state === "errored");
  }

  isOpen({ stream }: SlackMessage): boolean {
    if (stream === undefined || stream.state !== "in_progress") return false;
    const isOld = this.nowMs() + this.#passedMs - stream.startedMs >= lifeMs;
    if (isOld) stream.state = "errored";
    return !isOld;
  }

  /** A person presses Slack's own Stop. */
  stopByUser({ stream }: SlackMessage): void {
    if (stream !== undefined) Object.assign(stream, { state: "completed", isStoppedByUser: true });
  }
}

/** https://docs.slack.dev/reference/methods/chat.startStream */
export function startStream(world: SlackWorld, args: SlackArguments): Answer {
  const { settings, messages, streams } = world;
  const channel = textIn(args, "channel");
  const threadTs = threadIn(world, channel, args);
  if (threadTs === undefined) throw new SlackRefusal("invalid_arguments");
  checkRecipient(channel, args);
  const text = markdownIn(args);
  checkText(text);
  const message = messages.add({
    team: settings.team,
    channel,
    user: settings.botUserId,
    botId: settings.botId,
    files: [],
    ...shown(text),
    metadata: undefined,
    threadTs,
    stream: streams.begin(),
  });
  streams.all.push(message);
  setStatus(world, message, "processing");
  world.echo.posted(message);
  return { channel, ts: message.ts };
}

/** https://docs.slack.dev/reference/methods/chat.appendStream */
export function appendStream(world: SlackWorld, args: SlackArguments): Answer {
  const message = streamIn(world, args);
  const more = markdownIn(args);
  if (more === "") throw new SlackRefusal("no_text");
  checkText(message.text + more);
  grow(message, more);
  message.streamedTs = world.messages.nextTs();
  return { channel: message.channel, ts: message.ts };
}

/** https://docs.slack.dev/reference/methods/chat.stopStream */
export function stopStream(world: SlackWorld, args: SlackArguments): Answer {
  const message = streamIn(world, args);
  const status = args["session_status"] ?? "active";
  if (!sessionStatuses.has(asText(status))) throw new SlackRefusal("invalid_arguments");
  const more = markdownIn(args);
  const blocks = asList(args["blocks"]);
  checkText(message.text + more);
  const following = { text: "blocks", blocks };
  const fault = faultIn("chat.stopStream", following, world.settings);
  if (fault !== undefined) throw new SlackRefusal(fault.code);
  const previous = world.bodies.inner(message);
  if (more !== "") grow(message, more);
  message.blocks = [...message.blocks, ...blocks];
  message.metadata = args["metadata"];
  message.streamedTs = world.messages.nextTs();
  if (message.stream !== undefined) message.stream.state = "completed";
  setStatus(world, message, asText(status));
  world.echo.edited(message, previous);
  return { channel: message.channel, ts: message.ts, message: world.bodies.inner(message) };
}

/** Measured by others: an open stream takes neither edits nor its deletion. */
export function refuseWhileStreaming(world: SlackWorld, message: SlackMessage, error: string): void {
  if (world.streams.isOpen(message)) throw new SlackRefusal(error);
}

function checkRecipient(channel: string, args: SlackArguments): void {
  const names = ["recipient_team_id", "recipient_user_id"];
  const missing = names.filter((name) => args[name] === undefined);
  const isNeeded = !channel.startsWith("D") || missing.length === 1;
  if (isNeeded && missing[0] !== undefined) throw new SlackRefusal(`missing_${missing[0]}`);
}

function markdownIn(args: SlackArguments): string {
  const text = asText(args["markdown_text"]);
  if (text.length > markdownChars) throw new SlackRefusal("msg_too_long");
  return text;
}

const usual = { refusedBlocks: [], unknownBlocks: [], takesOneTable: false };

/** The whole text of a stream. */
function checkText(text: string): void {
  if (text.length > markdownChars) throw new SlackRefusal("msg_too_long");
  const fault = text === "" ? undefined : faultIn("chat.appendStream", shown(text), usual);
  if (fault !== undefined) throw new SlackRefusal(fault.code);
}

function shown(text: string) {
  return { text, blocks: text === "" ? [] : [{ type: "markdown", text }] };
}

function grow(message: SlackMessage, more: string): void {
  const { text, blocks, metadata, ts, streamedTs: writtenTs = ts } = message;
  message.edits.push({ text, blocks, metadata, writtenTs });
  Object.assign(message, shown(text + more));
}

function streamIn(world: SlackWorld, args: SlackArguments): SlackMessage {
  const channel = textIn(args, "channel");
  const closed = world.refusals.get(channel);
  if (closed !== undefined) throw new SlackRefusal(closed);
  const message = world.messages.get(channel, textIn(args, "ts"));
  if (message === undefined) throw new SlackRefusal("message_not_found");
  if (message.user !== world.settings.botUserId) throw new SlackRefusal("message_not_owned_by_app");
  if (message.stream?.isStoppedByUser === true) throw new SlackRefusal("stopped_by_user");
  if (!world.streams.isOpen(message)) throw new SlackRefusal("message_not_in_streaming_state");
  return message;
}

/** A stream makes its thread a session of the agent. https://docs.slack.dev/ai/agent-sessions */
function setStatus({ settings, sessions }: SlackWorld, message: SlackMessage, status: string): void {
  const { channel, threadTs } = message;
  if (!settings.isAgent || threadTs === undefined) return;
  const session = sessions.get(channel, threadTs) ?? sessions.create(channel, threadTs);
  session.statuses.push(status);
}
