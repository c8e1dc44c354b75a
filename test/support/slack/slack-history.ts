import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackMessage } from "./slack-messages.ts";
import type { SlackWorld } from "./slack-methods.ts";

type Answer = Readonly<Record<string, unknown>>;

/** A thread, oldest first. Its root is always included. */
export function replies(world: SlackWorld, args: SlackArguments): Answer {
  const thread = world.messages.thread(channelIn(world, args), textIn(args, "ts"));
  if (thread.length === 0) throw new SlackRefusal("thread_not_found");
  const oldest = Number(args["oldest"] ?? 0);
  const latest = Number(args["latest"] ?? Infinity);
  return pageOf(
    world,
    args,
    thread.filter(({ ts }, index) => index === 0 || (Number(ts) > oldest && Number(ts) < latest)),
  );
}

/** The top-level messages of a channel, newest first. */
export function history(world: SlackWorld, args: SlackArguments): Answer {
  const channel = channelIn(world, args);
  const oldest = Number(args["oldest"] ?? 0);
  const wanted = world.messages.all.filter(
    (each) =>
      each.channel === channel && !each.isDeleted && each.threadTs === undefined && Number(each.ts) > oldest,
  );
  return pageOf(world, args, wanted.toReversed());
}

function channelIn({ refusals }: SlackWorld, args: SlackArguments): string {
  const channel = textIn(args, "channel");
  const refusal = refusals.get(channel);
  if (refusal !== undefined) throw new SlackRefusal(refusal);
  return channel;
}

function pageOf(world: SlackWorld, args: SlackArguments, wanted: readonly SlackMessage[]): Answer {
  const limit = Number(args["limit"] ?? 100);
  const from = Number(args["cursor"] ?? 0);
  const hasMore = wanted.length > from + limit;
  return {
    messages: wanted.slice(from, from + limit).map((message) => shown(world, args, message)),
    has_more: hasMore,
    response_metadata: { next_cursor: hasMore ? String(from + limit) : "" },
  };
}

function shown(
  { settings, bodies, messages }: SlackWorld,
  args: SlackArguments,
  message: SlackMessage,
): Answer {
  const whole = bodies.inner(message);
  const isWhole = settings.showsMetadata && String(args["include_all_metadata"]) === "true";
  const { metadata, ...rest } = whole;
  const subtype = message.files.length === 0 ? {} : { subtype: "file_share" };
  const count = messages.thread(message.channel, message.ts).length - 1;
  const root = count > 0 ? { thread_ts: message.ts, reply_count: count } : {};
  return { ...rest, ...subtype, ...root, ...(isWhole && metadata !== undefined ? { metadata } : {}) };
}
