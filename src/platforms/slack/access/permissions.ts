import type { Right } from "../../../domain/rights.ts";
import { PlatformError, type Asked, type Platform } from "../../../ports/platform.ts";
import type { Channels } from "./channel-visibility.ts";
import { partsOf } from "../wire/keys.ts";
import type { Memberships } from "./membership.ts";

interface PermissionPorts {
  readonly channels: Channels;
  readonly memberships: Memberships;
}

/** Somebody, where they ordered something. */
interface Person {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
}

/**
 * What a person may do in a channel, asked of Slack now: its members read and write there; every full member of the
 * workspace reads a public channel; the workspace's admins and owners may delete what others wrote.
 */
export class Permissions {
  readonly #ports: PermissionPorts;

  constructor(ports: PermissionPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} */
  readonly may: NonNullable<Platform["may"]> = async (person, right, where, signal) => {
    const [team = "", channel = ""] = where.place.split(":", 2);
    // A DM has one person, and the bot hears it from nobody else.
    if (channel.startsWith("D")) return true;
    const [personTeam, user = ""] = person.split(":", 2);
    if (team !== personTeam) return false;
    // Slack lets nobody type a command in a place that they are not in: only such an order has the place's own key.
    const isTyped = partsOf(where.conversation).threadTs === undefined;
    const asked = { ...where, hasWritten: where.hasWritten || isTyped };
    return this.#may({ team, user, channel }, right, asked, signal);
  };

  async #may(
    person: Person,
    right: Right,
    { hasWritten, isSpeaker }: Pick<Asked, "hasWritten" | "isSpeaker">,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { channels, memberships } = this.#ports;
    const isInside = hasWritten || (await this.#isInside({ ...person, isSpeaker }, signal));
    if (right === "moderate") return isInside && (await memberships.isAdmin(person, signal));
    if (isInside) return true;
    const { kind, isShared } = await channels.openness(person.channel, signal);
    return right === "read" && kind === "public" && !isShared && this.#isMember(person, signal);
  }

  /** Of a public channel with more members than can be listed, every full member of the workspace counts as one. */
  async #isInside(
    { team, user, channel, isSpeaker }: Person & { readonly isSpeaker: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { channels } = this.#ports;
    try {
      const members = await channels.members(channel, signal);
      if (members !== undefined) return members.includes(user);
    } catch (error) {
      // An app that was installed with fewer scopes may not ask: those who have written there were let in.
      if (isSpeaker && error instanceof PlatformError && !error.isPassing) return true;
      throw error;
    }
    const { kind, isShared } = await channels.openness(channel, signal);
    return kind === "public" && !isShared && this.#isMember({ team, user }, signal);
  }

  async #isMember({ team, user }: Pick<Person, "team" | "user">, signal: AbortSignal): Promise<boolean> {
    return (await this.#ports.memberships.of(team, [user], signal)).get(user) === "member";
  }
}
