import { z } from "zod";

const flag = z.boolean().nullish();
const text = z.string().nullish();

/**
 * What we read of a person, from users.info, users.list or an event.
 * https://docs.slack.dev/reference/objects/user-object
 */
export const userObject = z.object({
  id: z.string().min(1),
  team_id: text,
  name: text,
  real_name: text,
  profile: z.object({ display_name: text, real_name: text }).nullish(),
  tz: text,
  deleted: flag,
  is_restricted: flag,
  is_ultra_restricted: flag,
  is_stranger: flag,
  is_admin: flag,
  is_owner: flag,
  /** In an organisation: the workspaces that the person is a member of. */
  enterprise_user: z.object({ teams: z.array(z.string()).nullish() }).nullish(),
});

export type UserObject = z.output<typeof userObject>;
