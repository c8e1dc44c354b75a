import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackWorld } from "./slack-methods.ts";

type Answer = Readonly<Record<string, unknown>>;

/** A channel. By default it is public and not shared. */
export interface SlackChannel {
  readonly members: readonly string[];
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
  readonly isExtShared?: boolean;
  readonly isPendingExtShared?: boolean;
  readonly isOrgShared?: boolean;
  /** Lists omit the flags that say who may read it. */
  readonly isListedShort?: boolean;
}

/** The kind of place that an id names: one of Slack's four families of scopes. */
export function familyOf(channel: string, channels: ReadonlyMap<string, SlackChannel>): string {
  if (channel.startsWith("D")) return "im";
  if (channel.startsWith("G")) return "mpim";
  return channels.get(channel)?.isPrivate === true ? "groups" : "channels";
}

/** https://docs.slack.dev/reference/objects/conversation-object */
export function info(world: SlackWorld, args: SlackArguments): Answer {
  const id = textIn(args, "channel");
  const { isPrivate = false, isArchived = false, ...channel } = channelOf(world, id);
  const family = familyOf(id, world.channels);
  const common = { id, is_archived: isArchived, context_team_id: world.settings.team };
  if (family === "im") {
    return { channel: { ...common, is_im: true, is_org_shared: false, user: channel.members[0] } };
  }
  const { isExtShared = false, isPendingExtShared = false, isOrgShared = false } = channel;
  return {
    channel: {
      ...common,
      name: id.toLowerCase(),
      is_channel: family !== "mpim",
      is_group: isPrivate && family !== "mpim",
      is_im: false,
      is_mpim: family === "mpim",
      is_private: isPrivate || family === "mpim",
      is_shared: isExtShared || isOrgShared,
      is_ext_shared: isExtShared,
      is_pending_ext_shared: isPendingExtShared,
      is_org_shared: isOrgShared,
      is_member: channel.members.includes(world.settings.botUserId),
    },
  };
}

/** Channels of these kinds: those of an account, or all of the workspace that the bot may see. */
export function channelsOf(world: SlackWorld, args: SlackArguments, whose: "account" | "workspace"): Answer {
  const types = new Set(textIn(args, "types").split(","));
  const { botUserId } = world.settings;
  const account = args["user"] === undefined ? botUserId : textIn(args, "user");
  const ids = [...world.channels].flatMap(([id, channel]) => {
    const { isPrivate = false, members: those } = channel;
    if (familyOf(id, world.channels) === "mpim") return [];
    if (!types.has(isPrivate ? "private_channel" : "public_channel")) return [];
    if (isPrivate && !those.includes(botUserId)) return [];
    return whose === "workspace" || those.includes(account) ? [id] : [];
  });
  const { page, next } = pageIn(ids, args, 100);
  const channels = page.map((id) =>
    world.channels.get(id)?.isListedShort === true ? { id } : info(world, { channel: id })["channel"],
  );
  return { channels, response_metadata: { next_cursor: next } };
}

export function members(world: SlackWorld, args: SlackArguments): Answer {
  const all = channelOf(world, textIn(args, "channel")).members;
  const { page, next } = pageIn(all, args, 100);
  return { members: page, response_metadata: { next_cursor: next } };
}

/** One page of a list. The cursor is empty on the last page. */
export function pageIn<T>(all: readonly T[], args: SlackArguments, usual: number) {
  const limit = Number(args["limit"] ?? usual);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new SlackRefusal("invalid_limit");
  const from = Number(args["cursor"] ?? 0);
  const page = all.slice(from, from + limit);
  return { page, next: all.length > from + limit ? String(from + limit) : "" };
}

/** A DM's id ends in its person's id. Private places are visible to their members only. */
function channelOf({ channels, refusals, settings }: SlackWorld, id: string): SlackChannel {
  const refusal = refusals.get(id);
  if (refusal !== undefined) throw new SlackRefusal(refusal);
  const { botUserId } = settings;
  if (id.startsWith("D")) return { members: [`U${id.slice(1)}`, botUserId] };
  const channel = channels.get(id);
  if (channel === undefined) throw new SlackRefusal("channel_not_found");
  const isHidden = channel.isPrivate === true && !channel.members.includes(botUserId);
  if (isHidden) throw new SlackRefusal("channel_not_found");
  return channel;
}
