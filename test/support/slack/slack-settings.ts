import { scopesOfManifest } from "./slack-scopes.ts";

/** What a stand-in for Slack is started with; each has a default. */
export interface SlackStandInOptions {
  readonly team?: string;
  /** The app was installed for this organisation, to which `team` belongs. Empty, as by default: for the workspace alone. */
  readonly organisation?: string;
  /** Whether its workspaces are listed, and its id stands in the place of one. They are by default. */
  readonly listsTeams?: boolean;
  readonly botUserId?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** Slack's patience with an app. */
  readonly ackWithinMs?: number;
  /** Whether our own posts, edits and deletions come back as events. On by default, as Slack does. */
  readonly echoes?: boolean;
  /** Whether what is read of a thread shows our metadata. On by default, as Slack's documentation says. */
  readonly showsMetadata?: boolean;
  /** What the bot token may do. By default what our manifest asks for. */
  readonly scopes?: readonly string[];
}

export interface SlackStandInSettings extends Required<SlackStandInOptions> {
  readonly botId: string;
}

export function settingsFrom(options: SlackStandInOptions): SlackStandInSettings {
  return {
    team: "T1",
    organisation: "",
    listsTeams: true,
    botUserId: "UBOT",
    botId: "BBOT",
    botToken: "xoxb-stand-in",
    appToken: "xapp-stand-in",
    signingSecret: "stand-in-signing-secret",
    ackWithinMs: 3_000,
    echoes: true,
    showsMetadata: true,
    scopes: scopesOfManifest(),
    ...options,
  };
}
