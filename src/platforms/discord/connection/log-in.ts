import {
  Client,
  DiscordjsError,
  DiscordjsErrorCodes,
  Events,
  GatewayIntentBits,
  Options,
  Partials,
  type RateLimitData,
} from "discord.js";

import { PermanentStartError, tokenRejected } from "./operator-messages.ts";
import { fatalCloseReason } from "./health-watch.ts";
import { makeRequest } from "./make-request.ts";

const requestTimeoutMs = 10_000;
/** Without progress: a bot with many shards opens one every five seconds. */
const readyDeadlineMs = 45_000;
/** discord.js waits out shorter rate limits silently; longer ones reject, so that the caller knows. */
const maxSilentWaitMs = 1_200;

export interface DiscordSettings {
  readonly token: string;
  /** Ends in /api. Missing: Discord's own API. */
  readonly apiUrl?: string;
  /** Asks for the Message Content intent. Without it, a guild's messages come empty: see hidden-content.ts. Missing: it does. */
  readonly readsContent?: boolean;
}

export function makeClient({ apiUrl, readsContent = true }: DiscordSettings): Client {
  return new Client({
    // As many as Discord recommends: above 2,500 servers a bot must have several.
    shards: "auto",
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.DirectMessageReactions,
      ...(readsContent ? [GatewayIntentBits.MessageContent] : []),
    ],
    partials: [Partials.Channel, Partials.Message],
    allowedMentions: { parse: [], repliedUser: false },
    // The bot stores messages itself; discord.js need not cache any.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      PresenceManager: 0,
      GuildMemberManager: { maxSize: 100, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user.id },
    }),
    rest: {
      ...(apiUrl === undefined ? {} : { api: apiUrl }),
      timeout: requestTimeoutMs,
      makeRequest,
      // discord.js retries without back-off, and also calls that must not be repeated blindly.
      retries: 0,
      // For rate limits without a wait, such as edits of old messages, discord.js would retry at once without end.
      rejectOnRateLimit: ({ retryAfter, timeToReset }: RateLimitData) =>
        retryAfter === 0 || Math.max(retryAfter, timeToReset) > maxSilentWaitMs,
      invalidRequestWarningInterval: 500,
    },
  });
}

/**
 * Resolves when all shards receive events. @throws {PermanentStartError} if only the operator can help; other errors
 * may pass.
 */
export async function logIn(client: Client, { token }: DiscordSettings): Promise<void> {
  const ready = Promise.withResolvers<void>();
  client.once(Events.ClientReady, () => ready.resolve());
  client.once(Events.ShardDisconnect, ({ code }) =>
    ready.reject(new PermanentStartError(fatalCloseReason(code), code)),
  );
  const timer = setTimeout(
    () => ready.reject(new Error("Discord did not become ready in time")),
    readyDeadlineMs,
  );
  const extendDeadline = () => void timer.refresh();
  client.on(Events.ShardReady, extendDeadline);
  try {
    await Promise.all([client.login(token), ready.promise]);
  } catch (error) {
    const isRefused = error instanceof DiscordjsError && error.code === DiscordjsErrorCodes.TokenInvalid;
    throw isRefused ? new PermanentStartError(tokenRejected) : error;
  } finally {
    client.off(Events.ShardReady, extendDeadline);
    clearTimeout(timer);
  }
}
