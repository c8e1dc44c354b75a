import { isConversationKey } from "../../../domain/conversation.ts";
import type { CommandInbound } from "../../../domain/inbound.ts";
import { isLanguageChoice, isLengthChoice, type Preferences } from "../../../domain/preferences.ts";
import { nameless } from "../text/mrkdwn-to-text.ts";
import { homeActions } from "../wire/action-ids.ts";
import type { HomePress } from "../wire/home-schemas.ts";
import { authorId, partsOf, placeKeyOf, placeOf, type SlackFacts } from "../wire/keys.ts";
import { toAddress } from "../wire/reply-target.ts";
import type { HomeOwner } from "./home-owner.ts";

/** The workspace of the person, in an organisation too. */
export function ownerOf({ team, user }: HomePress, facts: Pick<SlackFacts, "teamId">): HomeOwner {
  return { team: team?.id ?? user.team_id ?? facts.teamId, user: user.id };
}

/** Undefined: the press is no choice of a preference. */
export function preferenceIn({ actions: [element] }: HomePress): Partial<Preferences> | undefined {
  const value = element?.selected_option?.value ?? "";
  if (element?.action_id === homeActions.language && isLanguageChoice(value)) return { language: value };
  if (element?.action_id === homeActions.length && isLengthChoice(value)) return { length: value };
  return undefined;
}

/**
 * The command of a press, as if its person had given it in the DM with the bot: `channel`. Its answer is a post there. A
 * conversation that is chosen may be any text: see `isOwn` in app-home.ts. Undefined: the press is no command.
 */
export function commandIn(press: HomePress, channel: string, facts: SlackFacts): CommandInbound | undefined {
  const [element] = press.actions;
  const { team, user } = ownerOf(press, facts);
  const base = {
    kind: "commanded",
    platform: "slack",
    dedupeId: `slack:press:${team}:${press.trigger_id ?? element?.action_ts ?? ""}`,
    by: {
      id: authorId(team, user),
      name: facts.nameOf(user) ?? press.user.name ?? press.user.username ?? nameless,
    },
    saidAtMs: facts.nowMs,
    replyTo: toAddress({ team, channel, user, isDirect: true }, facts),
  } as const;
  const here = {
    conversation: placeKeyOf(team, channel),
    place: placeOf(team, channel),
    isOutside: true,
  } as const;
  const action = element?.action_id;
  if (action === homeActions.forget) return { ...base, ...here, name: "forget", argument: "me" };
  if (action === homeActions.help) return { ...base, ...here, name: "help", argument: "" };
  const chosen = action === homeActions.export ? element?.selected_option?.value : undefined;
  if (!isConversationKey(chosen)) return undefined;
  const { team: itsTeam, channel: its } = partsOf(chosen);
  return { ...base, conversation: chosen, place: placeOf(itsTeam, its), name: "export", argument: "" };
}
