const portal = "https://discord.com/developers/applications";

/** What the operator is told; a person can act on each. */
export const tokenRejected = `DISCORD_TOKEN: Discord refuses it. Make a new one at ${portal} (Bot, Reset Token) and set that.`;
export const intentsMissing = `DISCORD_TOKEN: the bot of this token may not read messages. Please enable the Message Content intent at ${portal} (Bot, Privileged Gateway Intents).`;
/** Discord advises a number of shards at each start. */
export const tooFewShards =
  "Discord asks for more shards than this program has opened: the bot is in more servers than when it started. Please start it again.";
export const versionUnsupported =
  "Discord no longer takes connections of the kind that this program makes. Please update the program.";

/** Trying again can't help: a person has to change something first. */
export class PermanentStartError extends Error {
  override readonly name = "PermanentStartError";
}
