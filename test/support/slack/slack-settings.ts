import { scopesOfManifest } from "./slack-scopes.ts";

/** Options of the stand-in; each has a default. */
export interface SlackStandInOptions {
  readonly team?: string;
  /** The app is installed for this organisation, which `team` belongs to. By default empty: only for the workspace. */
  readonly organisation?: string;
  /** Whether auth.teams.list works, and auth.test names the organisation in `team_id`. On by default. */
  readonly listsTeams?: boolean;
  readonly botUserId?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** How long Slack waits for an acknowledgement: 3 s. By default longer: what it gives up comes again only if a test says so. */
  readonly ackWithinMs?: number;
  /** Whether the bot's own posts, edits and deletions are delivered as events. On by default, as in Slack. */
  readonly echoes?: boolean;
  /** Whether history has the metadata of the bot's posts. On by default, as Slack documents. */
  readonly showsMetadata?: boolean;
  /** Types of blocks that the workspace rejects, without a word. None by default. */
  readonly refusedBlocks?: readonly string[];
  /** Types of blocks that the workspace doesn't know: it says so. None by default. */
  readonly unknownBlocks?: readonly string[];
  /** Whether a message may have one table only. Off by default. */
  readonly takesOneTable?: boolean;
  /** Whether the app is declared as an agent. It is by default, as in our manifest. */
  readonly isAgent?: boolean;
  /** Scopes of the bot token. By default those of our manifest. */
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
    ackWithinMs: 30_000,
    echoes: true,
    showsMetadata: true,
    refusedBlocks: [],
    unknownBlocks: [],
    takesOneTable: false,
    isAgent: true,
    scopes: scopesOfManifest(),
    ...options,
  };
}
