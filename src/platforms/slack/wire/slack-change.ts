import { z } from "zod";

import { userObject } from "./user-object.ts";

const id = z.string().min(1).max(64);

/**
 * What Slack says has changed. It only says what is no longer known for sure, so a change that comes twice, late or in
 * another order does no harm. Replicas send it to each other.
 */
export const slackChange = z.union([
  /** Anything of a channel: its name, who may read it, whether it exists. Under each of its ids. */
  z.object({ channels: z.array(id).min(1).max(2) }),
  /** A person came into the channel, or left it. */
  z.object({ channel: id, member: id }),
  /** A person as they are since the change. */
  z.object({ person: userObject }),
]);

export type SlackChange = z.output<typeof slackChange>;
