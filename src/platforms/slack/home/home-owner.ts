import { authorId } from "../wire/keys.ts";

/** The person who sees a Home tab, and the only one. */
export interface HomeOwner {
  readonly team: string;
  readonly user: string;
}

/** The Author's id of the owner. */
export function authorOfHome({ team, user }: HomeOwner): string {
  return authorId(team, user);
}

/** What the view keeps for its presses, which name no channel. */
export function metadataOf(channel: string): string {
  return JSON.stringify({ channel });
}

/** The DM with the owner, as the view keeps it. Undefined: it does not. */
export function channelIn(metadata: string | null | undefined): string | undefined {
  return /^\{"channel":"(?<channel>D[A-Z0-9]{1,30})"\}$/u.exec(metadata ?? "")?.groups?.["channel"];
}
