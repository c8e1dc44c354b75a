const portal = "https://discord.com/developers/applications";

/** Messages for the operator. Each says what to do. */
export const tokenRejected = `DISCORD_TOKEN: Discord rejected it. Create a new token at ${portal} (Bot, Reset Token), set it, and restart.`;
export const intentsMissing = `Discord no longer grants the Message Content intent. Enable the Message Content intent at ${portal} (Bot, Privileged Gateway Intents), and restart. Without it, the bot reads only DMs, mentions and replies.`;
export const contentHidden = `the Message Content intent is off, so the bot reads only DMs, and messages that mention it or reply to it; enable it at ${portal} (Bot, Privileged Gateway Intents) and restart, or set DISCORD_MESSAGE_CONTENT=off`;
/** Discord recommends a number of shards at each start. */
export const tooFewShards =
  "Discord requires more shards, because the bot has joined more servers since its start. Restart it.";
export const versionUnsupported = "Discord no longer supports this version's connection. Update the program.";

/** A start failure that only the operator can fix; retrying does not help. */
export class PermanentStartError extends Error {
  override readonly name = "PermanentStartError";
  /** With which Discord closed the connection. Missing: it did not. */
  readonly closeCode: number | undefined;

  constructor(message: string, closeCode?: number) {
    super(message);
    this.closeCode = closeCode;
  }
}
