const portal = "https://discord.com/developers/applications";

/** Messages for the operator. Each says what to do. */
export const tokenRejected = `DISCORD_TOKEN: Discord rejected it. Create a new token at ${portal} (Bot, Reset Token), set it, and restart.`;
export const intentsMissing = `DISCORD_TOKEN: this token's bot may not read messages. Enable the Message Content intent at ${portal} (Bot, Privileged Gateway Intents), and restart.`;
/** Discord recommends a number of shards at each start. */
export const tooFewShards =
  "Discord requires more shards, because the bot has joined more servers since its start. Restart it.";
export const versionUnsupported = "Discord no longer supports this version's connection. Update the program.";

/** A start failure that only the operator can fix; retrying does not help. */
export class PermanentStartError extends Error {
  override readonly name = "PermanentStartError";
}
