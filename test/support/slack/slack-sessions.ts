import { SlackRefusal, textIn, type SlackArguments } from "./slack-arguments.ts";
import type { SlackWorld } from "./slack-methods.ts";

type Answer = Readonly<Record<string, unknown>>;

/** A thread as a session of the agent. */
interface SlackSession {
  /** Every status that it had, the last one now. */
  readonly statuses: string[];
  title?: string;
}

export const sessionStatuses: ReadonlySet<string> = new Set(["active", "processing", "suspended", "closed"]);
const titleChars = 200;

/** The sessions of the agent. https://docs.slack.dev/ai/agent-sessions */
export class SlackSessions {
  readonly #sessions = new Map<string, SlackSession>();

  get(channel: string, threadTs: string): SlackSession | undefined {
    return this.#sessions.get(`${channel} ${threadTs}`);
  }

  create(channel: string, threadTs: string): SlackSession {
    const created: SlackSession = { statuses: [] };
    this.#sessions.set(`${channel} ${threadTs}`, created);
    return created;
  }

  /** Those that show now that the agent works. */
  get processing(): readonly string[] {
    return [...this.#sessions].flatMap(([thread, { statuses }]) =>
      statuses.at(-1) === "processing" ? [thread] : [],
    );
  }
}

/** https://docs.slack.dev/reference/methods/agents.sessions.setStatus */
export function setSessionStatus(world: SlackWorld, args: SlackArguments): Answer {
  const { channel, threadTs } = placeIn(world, args);
  const status = textIn(args, "status");
  // Free text was the form of the older method.
  if (!sessionStatuses.has(status)) throw new SlackRefusal("invalid_arguments");
  const title = args["title"] === undefined ? undefined : titleIn(args);
  const there = world.sessions.get(channel, threadTs);
  const session = there ?? world.sessions.create(channel, threadTs);
  // The title of a session that exists stays.
  if (there === undefined && title !== undefined) session.title = title;
  session.statuses.push(status);
  return { status, agent_status: status, ...(session.title === undefined ? {} : { title: session.title }) };
}

/** https://docs.slack.dev/reference/methods/agents.sessions.rename */
export function renameSession(world: SlackWorld, args: SlackArguments): Answer {
  const { channel, threadTs } = placeIn(world, args);
  const title = titleIn(args);
  const session = world.sessions.get(channel, threadTs);
  if (session === undefined) throw new SlackRefusal("session_not_found");
  session.title = title;
  return { title };
}

function placeIn({ settings, messages }: SlackWorld, args: SlackArguments) {
  if (!settings.isAgent) throw new SlackRefusal("not_authorized");
  const [channel, threadTs] = [textIn(args, "channel_id"), textIn(args, "thread_ts")];
  if (messages.get(channel, threadTs) === undefined) throw new SlackRefusal("thread_not_found");
  return { channel, threadTs };
}

function titleIn(args: SlackArguments): string {
  const title = textIn(args, "title");
  if (title.length > titleChars) throw new SlackRefusal("invalid_arguments");
  return title;
}
