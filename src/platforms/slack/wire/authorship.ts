import { asObject } from "./json-object.ts";

const slackbot = "USLACKBOT";

/** The fields that identify the author of a message. Slack writes null for missing values. */
export interface Authorship {
  readonly subtype?: string | null | undefined;
  readonly hidden?: boolean | null | undefined;
  readonly user?: string | null | undefined;
  readonly bot_id?: string | null | undefined;
  /** An app's name, which may differ from message to message. */
  readonly username?: string | null | undefined;
  readonly bot_profile?: unknown;
  readonly workflow_id?: string | null | undefined;
  /** The profile of a person of another workspace, whom users.info may not show. */
  readonly user_profile?: unknown;
}

/** Whether an app or Slackbot wrote it. */
export function isApp({ user, bot_id: botId }: Authorship): boolean {
  return botId != null || user === slackbot;
}

/** Whether a step of a workflow posted it. https://docs.slack.dev/workflows */
export function isWorkflow({
  workflow_id: id,
  bot_profile: profile,
}: {
  readonly workflow_id?: unknown;
  readonly bot_profile?: unknown;
}): boolean {
  return (id != null && id !== "") || asObject(profile)["is_workflow_bot"] === true;
}
