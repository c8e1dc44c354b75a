import { recordOf } from "./loose.ts";

const slackbot = "USLACKBOT";

/** What Slack says of who wrote a message. It writes null where it has nothing. */
export interface Written {
  readonly subtype?: string | null | undefined;
  readonly hidden?: boolean | null | undefined;
  readonly user?: string | null | undefined;
  readonly bot_id?: string | null | undefined;
  /** Of an app, which may call itself differently in each message. */
  readonly username?: string | null | undefined;
  readonly bot_profile?: unknown;
  readonly workflow_id?: string | null | undefined;
  /** Of people of other workspaces: Slack may not show them otherwise. */
  readonly user_profile?: unknown;
}

/** Neither a person nor ourselves. */
export function isApp({ user, bot_id: botId }: Written): boolean {
  return botId != null || user === slackbot;
}

/** Posted by a step of a workflow, as somebody built it in this workspace: https://docs.slack.dev/workflows. */
export function isWorkflow({ workflow_id: id, bot_profile: profile }: Written): boolean {
  return (id != null && id !== "") || recordOf(profile)["is_workflow_bot"] === true;
}
