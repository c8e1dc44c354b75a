import {
  done,
  invalidForm,
  missingPermissions,
  ok,
  Refusal,
  SlowModeRefusal,
  unknownChannel,
  unknownMessage,
} from "./answer.ts";
import { channelPayload, messageEvent, messagePayload } from "./payloads.ts";
import type { Call, Discord, Handle, Route } from "./routes.ts";
import { isAfter } from "./snowflakes.ts";
import type { Channel, StoredMessage, Uploaded, World } from "./world.ts";
import { latest, permissions } from "./world.ts";
import { withoutContent } from "./without-content.ts";
import { readWritten } from "./written.ts";

const threadTypes = new Set([10, 11, 12]);

function channelOf(world: World, { ids }: Call): Channel {
  const channel = world.channels.get(ids["channel"] ?? "");
  if (channel === undefined) throw unknownChannel();
  if (!world.hasBot(channel) || channel.denied.has("view")) throw new Refusal(403, 50_001, "Missing Access");
  return channel;
}

function messageOf(world: World, call: Call): StoredMessage {
  const channel = channelOf(world, call);
  const message = world.messages.get(call.ids["message"] ?? "");
  if (message === undefined || message.isDeleted || message.channel !== channel.id) throw unknownMessage();
  return message;
}

/** By what the bot's roles and overwrites let it do, or by what the test denies it in all threads of a channel. */
function isClosedThread(world: World, channel: Channel): boolean {
  const parent = world.channels.get(channel.parent ?? "");
  if (parent === undefined) return false;
  const given = world.permissionsIn(parent, world.bot);
  return parent.denied.has("sendInThreads") || (given & permissions.sendInThreads) === 0n;
}

const create: Handle = ({ world, gateway }, call) => {
  const channel = channelOf(world, call);
  const { body } = call;
  if (channel.denied.has("send") || isClosedThread(world, channel)) throw missingPermissions();
  if (channel.recipient !== undefined && world.closedDirects.has(channel.recipient.id)) {
    throw new Refusal(403, 50_007, "Cannot send messages to this user");
  }
  checkFiles(world, channel, call);
  checkRoom(world, channel);
  const written = readWritten(body, undefined, uploaded(world, call));
  const nonce = nonceOf(body["nonce"]);
  const known = nonce === undefined ? undefined : world.messages.get(world.nonces.get(nonce) ?? "");
  if (body["enforce_nonce"] === true && known !== undefined) {
    return ok({ ...messagePayload(world, known), nonce });
  }
  const replyTo = answeredBy(world, channel, body["message_reference"]);
  channel.isArchived = false;
  const message: StoredMessage = {
    id: world.ids.next(),
    channel: channel.id,
    author: world.bot,
    type: replyTo === undefined ? 0 : 19,
    sentAtMs: Date.now(),
    pings: false,
    attachments: [],
    extra: {},
    versions: [written],
    isDeleted: false,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(nonce === undefined ? {} : { nonce }),
  };
  world.messages.set(message.id, message);
  if (nonce !== undefined) world.nonces.set(nonce, message.id);
  const payload = { ...messagePayload(world, message), nonce };
  gateway.dispatch("MESSAGE_CREATE", { ...payload, ...whereabouts(channel) });
  return ok(payload);
};

/** Whether another post of the bot has room there, and when. */
function checkRoom(world: World, channel: Channel): void {
  if (channel.isLocked === true) throw new Refusal(403, 160_005, "Thread is locked");
  if (channel.isFull === true) throw new Refusal(400, 160_006, "Maximum number of active threads reached");
  const last = world.messagesIn(channel.id).findLast(({ author }) => author === world.bot);
  checkSlowMode(channel, last?.sentAtMs ?? 0);
}

function checkSlowMode({ slowModeS = 0 }: Channel, lastAtMs: number): void {
  const waitS = slowModeS - (Date.now() - lastAtMs) / 1_000;
  if (waitS > 0) throw new SlowModeRefusal(waitS);
}

/** A thread takes the permissions of its channel. */
function checkFiles(world: World, channel: Channel, { files }: Call): void {
  const parent = world.channels.get(channel.parent ?? "");
  const isDenied = channel.denied.has("attach") || parent?.denied.has("attach") === true;
  if (files.length > 0 && isDenied) throw missingPermissions();
}

/** The files of a call, each with the id of the attachment that it becomes. */
function uploaded({ ids }: World, { files }: Call): readonly Uploaded[] {
  return files.map((file) => ({ ...file, id: ids.next() }));
}

function nonceOf(nonce: unknown): string | undefined {
  if (nonce === undefined) return undefined;
  if (typeof nonce !== "string" || nonce.length > 25) throw invalidForm("nonce");
  return nonce;
}

function answeredBy(world: World, channel: Channel, reference: unknown): string | undefined {
  if (typeof reference !== "object" || reference === null) return undefined;
  if (channel.denied.has("history")) {
    throw new Refusal(400, 160_002, "Cannot reply without permission to read message history");
  }
  const id = "message_id" in reference ? String(reference.message_id) : "";
  const answered = world.messages.get(id);
  if (answered !== undefined && !answered.isDeleted && answered.channel === channel.id) return id;
  if ("fail_if_not_exists" in reference && reference.fail_if_not_exists === false) return undefined;
  throw invalidForm("message_reference: Unknown message");
}

/** Fields that only the gateway adds. */
export function whereabouts(channel: Channel): object {
  return channel.guild === undefined ? { channel_type: 1 } : { guild_id: channel.guild };
}

function openThreadOnly(world: World, call: Call): void {
  if (channelOf(world, call).isArchived) throw new Refusal(400, 50_083, "Thread is archived");
}

const edit: Handle = ({ world, gateway }, call) => {
  const message = messageOf(world, call);
  if (message.author !== world.bot) throw new Refusal(403, 50_005, "Cannot edit a message by another user");
  openThreadOnly(world, call);
  checkFiles(world, channelOf(world, call), call);
  const written = readWritten(call.body, latest(message), uploaded(world, call));
  message.editedAtMs = Date.now();
  const { editedAtMs } = message;
  message.versions.push({ ...written, editedAtMs });
  const payload = messagePayload(world, message);
  gateway.dispatch("MESSAGE_UPDATE", { ...payload, ...whereabouts(channelOf(world, call)) });
  return ok(payload);
};

const remove: Handle = ({ world, gateway }, call) => {
  const message = messageOf(world, call);
  openThreadOnly(world, call);
  message.isDeleted = true;
  const where = whereabouts(channelOf(world, call));
  gateway.dispatch("MESSAGE_DELETE", { id: message.id, channel_id: message.channel, ...where });
  return done;
};

/** As REST gives it to this app. */
function shown({ world, gateway }: Discord, message: StoredMessage): Record<string, unknown> {
  const payload = messagePayload(world, message);
  return gateway.isContentAllowed ? payload : withoutContent(world, payload);
}

const list: Handle = (discord, call) => {
  const { world, tellsNonces } = discord;
  const channel = channelOf(world, call);
  const limit = Number(call.query.get("limit") ?? 50);
  if (!(limit >= 1 && limit <= 100)) throw invalidForm("limit");
  const [after, before] = [call.query.get("after"), call.query.get("before")];
  if (after !== null && before !== null) throw invalidForm("before and after");
  // Who may not read the history is refused nothing, and given nothing.
  if (channel.denied.has("history")) return ok([]);
  const all = world
    .messagesIn(channel.id)
    .filter((message) => !message.isDeleted)
    .filter(({ id }) => (after === null || isAfter(id, after)) && (before === null || isAfter(before, id)));
  const page = after === null ? all.slice(-limit) : all.slice(0, limit);
  return ok(
    page
      .toReversed()
      .map((message) => Object.assign(shown(discord, message), tellsNonces ? { nonce: message.nonce } : {})),
  );
};

const openThread: Handle = ({ world, gateway }, call) => {
  const parent = channelOf(world, call);
  const message = messageOf(world, call);
  const name = call.body["name"];
  if (parent.type !== 0 && parent.type !== 5) {
    throw new Refusal(400, 50_024, "Cannot execute action on this channel type");
  }
  if (parent.denied.has("threads")) throw missingPermissions();
  if (typeof name !== "string" || name.trim() === "" || name.length > 100) throw invalidForm("name");
  if (world.channels.has(message.id)) {
    throw new Refusal(400, 160_004, "A thread has already been created for this message");
  }
  const owner = world.bot.id;
  const thread = addThread({ world, gateway }, { id: message.id, parent, name, isPrivate: false, owner });
  // Discord tells that the message has a thread now by an update of it, without an edit.
  gateway.dispatch("MESSAGE_UPDATE", {
    ...messagePayload(world, message),
    ...whereabouts(parent),
    flags: 32,
  });
  return ok(channelPayload(thread));
};

export interface NewThread {
  readonly id?: string;
  readonly parent: Channel;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly owner?: string;
  readonly tags?: Channel["tags"];
}

export function addThread(
  { world, gateway }: Pick<Discord, "world" | "gateway">,
  { id, parent, name, isPrivate, owner, tags }: NewThread,
): Channel {
  const thread = world.addChannel({
    ...(id === undefined ? {} : { id }),
    ...(parent.guild === undefined ? {} : { guild: parent.guild }),
    type: isPrivate ? 12 : 11,
    parent: parent.id,
    name,
    ...(owner === undefined ? {} : { owner }),
    ...(tags === undefined ? {} : { tags }),
  });
  gateway.dispatch("THREAD_CREATE", { ...channelPayload(thread), newly_created: true });
  const starter = world.messages.get(thread.id);
  if (starter !== undefined) addStarter({ world, gateway }, thread, starter);
  return thread;
}

/** The first message in a thread that was opened on another: it only refers to that. */
function addStarter(
  { world, gateway }: Pick<Discord, "world" | "gateway">,
  thread: Channel,
  starter: StoredMessage,
): void {
  const message: StoredMessage = {
    id: world.ids.next(),
    channel: thread.id,
    author: starter.author,
    type: 21,
    sentAtMs: Date.now(),
    replyTo: starter.id,
    pings: false,
    attachments: [],
    extra: {},
    versions: [{ content: "", allowedMentions: undefined, flags: 0 }],
    isDeleted: false,
  };
  world.messages.set(message.id, message);
  gateway.dispatch("MESSAGE_CREATE", messageEvent(world, message));
}

const changeChannel: Handle = ({ world }, call) => {
  const channel = channelOf(world, call);
  if (!threadTypes.has(channel.type)) throw missingPermissions();
  const isArchived = call.body["archived"] === true;
  if (channel.isLocked === true && !isArchived) throw missingPermissions();
  channel.isArchived = isArchived;
  return ok(channelPayload(channel));
};

/** Without the message that a thread begins with, and without deleted ones. */
function countedPayload(world: World, channel: Channel): object {
  const written = world.messagesIn(channel.id).filter(({ type, isDeleted }) => type !== 21 && !isDeleted);
  return {
    ...channelPayload(channel),
    ...(channel.parent === undefined ? {} : { message_count: written.length }),
  };
}

const removeChannel: Handle = ({ world, gateway }, call) => {
  const channel = channelOf(world, call);
  const parent = world.channels.get(channel.parent ?? "");
  if (parent === undefined || parent.denied.has("remove")) throw missingPermissions();
  world.channels.delete(channel.id);
  const { id, guild, type } = channel;
  gateway.dispatch("THREAD_DELETE", { id, guild_id: guild, parent_id: parent.id, type });
  return ok(channelPayload(channel));
};

const react: Handle = ({ world }, call) => {
  const message = messageOf(world, call);
  if (channelOf(world, call).denied.has("react")) throw missingPermissions();
  message.reactions = [...(message.reactions ?? []), decodeURIComponent(call.ids["emoji"] ?? "")];
  return done;
};

const channelPath = "/channels/(?<channel>\\d+)";
const messagePath = `${channelPath}/messages/(?<message>\\d+)`;

export const messageRoutes: readonly Route[] = [
  { method: "POST", path: new RegExp(`^${channelPath}/messages$`, "u"), handle: create },
  { method: "GET", path: new RegExp(`^${channelPath}/messages$`, "u"), handle: list },
  {
    method: "GET",
    path: new RegExp(`^${messagePath}$`, "u"),
    handle: (discord, call) => ok(shown(discord, messageOf(discord.world, call))),
  },
  { method: "PATCH", path: new RegExp(`^${messagePath}$`, "u"), handle: edit },
  { method: "DELETE", path: new RegExp(`^${messagePath}$`, "u"), handle: remove },
  { method: "POST", path: new RegExp(`^${messagePath}/threads$`, "u"), handle: openThread },
  {
    method: "POST",
    path: new RegExp(`^${channelPath}/typing$`, "u"),
    handle: ({ world }, call) => {
      channelOf(world, call);
      return done;
    },
  },
  {
    method: "GET",
    path: new RegExp(`^${channelPath}$`, "u"),
    handle: ({ world }, call) => ok(countedPayload(world, channelOf(world, call))),
  },
  { method: "PATCH", path: new RegExp(`^${channelPath}$`, "u"), handle: changeChannel },
  { method: "DELETE", path: new RegExp(`^${channelPath}$`, "u"), handle: removeChannel },
  { method: "PUT", path: new RegExp(`^${messagePath}/reactions/(?<emoji>[^/]+)/@me$`, "u"), handle: react },
];
