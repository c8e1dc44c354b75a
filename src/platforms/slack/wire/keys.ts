import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TimeZone } from "../../../domain/time-zone.ts";

/** What one has to know beside a body to understand it. */
export interface SlackFacts {
  readonly botUserId: string;
  readonly botId: string;
  /** The bot's own. Missing: nobody knows. */
  readonly name?: string;
  /** The workspace of the token, or its organisation, and its address: `https://acme.slack.com/`. Permalinks lead there. */
  readonly teamId: string;
  /** Whether the token is for a workspace. */
  readonly isOurs: (team: string) => boolean;
  readonly workspaceUrl: string;
  /** What Slack calls a channel now. */
  readonly currentId: (channel: string) => string;
  readonly nameOf: NameOf;
  /** Missing, and undefined: nobody knows. */
  readonly zoneOf?: (userId: string) => TimeZone | undefined;
  readonly nowMs: number;
  /** Whether a workflow that mentions the bot is answered. Missing: it is overheard. */
  readonly answersWorkflows?: boolean;
}

export function placeOf(team: string, channel: string): string {
  return `${team}:${channel}`;
}

/** A thread is one conversation, in DMs too: there each message at the top level is the root of one. */
export function keyOf(team: string, channel: string, threadTs: string): ConversationKey {
  return `slack:${placeOf(team, channel)}:${threadTs}`;
}

/** The place itself, for what concerns no single thread of it. */
export function placeKeyOf(team: string, channel: string): ConversationKey {
  return `slack:${placeOf(team, channel)}`;
}

/** The parts of a key. `threadTs` is missing for a place itself. */
export function partsOf(conversation: ConversationKey): {
  readonly team: string;
  readonly channel: string;
  readonly threadTs?: string;
} {
  const [, team = "", channel = "", threadTs] = conversation.split(":");
  return { team, channel, ...(threadTs === undefined ? {} : { threadTs }) };
}

/** Who is meant, unique over workspaces. */
export function authorId(team: string, user: string): string {
  return `${team}:${user}`;
}

/** Who is called what; ids that nobody knows get a name that gives nothing away. */
export type NameOf = (userId: string) => string | undefined;
