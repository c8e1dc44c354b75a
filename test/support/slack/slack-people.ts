import type { SlackStandInSettings } from "./slack-settings.ts";

/** A person. By default a full member of the workspace. */
export interface SlackPerson {
  readonly name: string;
  /** A person of another workspace, in a shared channel. */
  readonly team?: string;
  readonly isGuest?: boolean;
  readonly isSingleChannelGuest?: boolean;
  readonly isStranger?: boolean;
  readonly isBot?: boolean;
  readonly isAdmin?: boolean;
  readonly isDeleted?: boolean;
  /** In an organisation: further workspaces of this person. */
  readonly alsoIn?: readonly string[];
  readonly tz?: string;
}

/** A person as `users.info` and `users.list` show it: https://docs.slack.dev/reference/objects/user-object */
export function userObject(
  id: string,
  person: SlackPerson,
  { team, organisation }: Pick<SlackStandInSettings, "team" | "organisation">,
): Readonly<Record<string, unknown>> {
  const { name, isDeleted = false, isStranger } = person;
  const profile = { display_name: name, real_name: `${name} Realname` };
  const common = {
    id,
    team_id: person.team ?? team,
    name: name.toLowerCase(),
    deleted: isDeleted,
    is_bot: person.isBot ?? false,
    profile,
    ...(organisation === ""
      ? {}
      : {
          enterprise_user: {
            enterprise_id: organisation,
            teams: [person.team ?? team, ...(person.alsoIn ?? [])],
          },
        }),
    ...(isStranger === undefined ? {} : { is_stranger: isStranger }),
  };
  // Slack omits some fields of deactivated people.
  if (isDeleted) return common;
  return {
    ...common,
    real_name: profile.real_name,
    ...(person.tz === undefined ? {} : { tz: person.tz }),
    is_admin: person.isAdmin ?? false,
    is_owner: false,
    is_restricted: person.isGuest === true || person.isSingleChannelGuest === true,
    is_ultra_restricted: person.isSingleChannelGuest ?? false,
  };
}
