import { z } from "zod";

import { asObject } from "./json-object.ts";

const flag = z.union([z.boolean(), z.string()]).nullish();
const id = z.string().min(1).nullish();
const named = z.object({ id }).nullish();

const authorizations = z.array(z.object({ team_id: id, enterprise_id: id, is_enterprise_install: flag }));

const body = z.object({
  context_team_id: id.catch(undefined),
  team_id: id.catch(undefined),
  enterprise_id: id.catch(undefined),
  is_enterprise_install: flag.catch(undefined),
  team: named.catch(undefined),
  enterprise: named.catch(undefined),
  user: z.object({ team_id: id }).nullish().catch(undefined),
  view: z.object({ app_installed_team_id: id }).nullish().catch(undefined),
});

/** Names of the workspace and the organisation that one installation may have. */
interface Names {
  readonly team: string | null | undefined;
  readonly organisation: string | null | undefined;
  readonly isOrganisation: boolean;
}

/**
 * The ids under which the installation may be known that a body was delivered for, likeliest first; empty if it names
 * none. An event's authorization decides: in a shared channel its `team_id` may be another company's workspace.
 * https://docs.slack.dev/apis/events-api#authorizations
 */
export function installationIdsIn(delivered: unknown): readonly string[] {
  const authorised = authorisedIn(delivered);
  if (authorised.length > 0) return authorised;
  const parsed = body.safeParse(delivered);
  if (!parsed.success) return [];
  const { team_id: teamId, team, user, enterprise, view, ...rest } = parsed.data;
  // In a shared channel the team of a sent modal is the person's own workspace.
  const interacted = view?.app_installed_team_id ?? team?.id ?? user?.team_id;
  return idsOf({
    team: rest.context_team_id ?? teamId ?? interacted,
    organisation: rest.enterprise_id ?? enterprise?.id,
    isOrganisation: isSet(rest.is_enterprise_install),
  });
}

/** Empty for what is no event. */
function authorisedIn(delivered: unknown): readonly string[] {
  const { authorizations: given } = asObject(delivered);
  if (given === undefined) return [];
  const ids = authorizations.safeParse(given).data?.flatMap((each) =>
    idsOf({
      team: each.team_id,
      organisation: each.enterprise_id,
      isOrganisation: isSet(each.is_enterprise_install),
    }),
  );
  return [...new Set(ids)];
}

function idsOf({ team, organisation, isOrganisation }: Names): readonly string[] {
  const ids = isOrganisation ? [organisation, team] : [team, organisation];
  return ids.filter((each) => each != null);
}

/** Slash commands write it as a word. */
function isSet(value: boolean | string | null | undefined): boolean {
  return value === true || value === "true";
}

const shared = z.object({
  is_ext_shared_channel: z.literal(true),
  team_id: id,
  context_team_id: id,
  event: z.looseObject({
    channel: z.string().min(1),
    thread_ts: id,
    team: id.catch(undefined),
    user_team: id.catch(undefined),
    source_team: id.catch(undefined),
    message: z.looseObject({ thread_ts: id }).nullish().catch(undefined),
    previous_message: z.looseObject({ thread_ts: id }).nullish().catch(undefined),
  }),
});

/** An event in a thread of a channel that several companies share. */
export interface SharedThread {
  readonly channel: string;
  readonly threadTs: string;
  /** All workspaces that the event names. */
  readonly teams: readonly string[];
}

/** Undefined for every other body. */
export function sharedThreadIn(delivered: unknown): SharedThread | undefined {
  // Most bodies come from other channels, and a schema that refuses costs more than one that accepts.
  if (asObject(delivered)["is_ext_shared_channel"] !== true) return undefined;
  const parsed = shared.safeParse(delivered);
  if (!parsed.success) return undefined;
  const { team_id: team, context_team_id: context, event } = parsed.data;
  const threadTs = event.thread_ts ?? event.message?.thread_ts ?? event.previous_message?.thread_ts;
  if (threadTs == null) return undefined;
  const teams = [team, context, event.team, event.user_team, event.source_team].filter(
    (each) => each != null,
  );
  return { channel: event.channel, threadTs, teams: [...new Set(teams)] };
}

/** The event as it is delivered for another workspace. */
export function authorisedFor(team: string, delivered: unknown): unknown {
  return Object.assign({}, delivered, { authorizations: [{ team_id: team }] });
}
