/** What a stand-in for Slack is started with; each has a default. */
export interface SlackStandInOptions {
  readonly team?: string;
  readonly botUserId?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** Slack's patience with an app. */
  readonly ackWithinMs?: number;
  /** Whether our own posts, edits and deletions come back as events. On by default, as Slack does. */
  readonly echoes?: boolean;
}

export interface SlackStandInSettings extends Required<SlackStandInOptions> {
  readonly botId: string;
}

export function settingsFrom(options: SlackStandInOptions): SlackStandInSettings {
  return {
    team: "T1",
    botUserId: "UBOT",
    botId: "BBOT",
    botToken: "xoxb-stand-in",
    appToken: "xapp-stand-in",
    signingSecret: "stand-in-signing-secret",
    ackWithinMs: 3_000,
    echoes: true,
    ...options,
  };
}
