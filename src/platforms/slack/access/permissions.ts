import type { Right } from "../../../domain/rights.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { PlaceOfPerson } from "../../../ports/platform-access.ts";
import type { Platform } from "../../../ports/platform.ts";
import type { Channels } from "./channel-visibility.ts";
import { partsOf } from "../wire/keys.ts";
import type { Memberships } from "./membership.ts";

interface PermissionPorts {
  readonly channels: Channels;
  readonly memberships: Memberships;
}

/** A person in the channel where they gave a command. */
interface Person {
  readonly team: string;
  readonly user: string;
  readonly channel: string;
}

/**
 * Decides what a person may do in a channel. Its members may read and write; every full member of the workspace may read
 * a public channel; admins and owners of the workspace may delete other people's messages.
 */
export class Permissions {
  readonly #ports: PermissionPorts;

  constructor(ports: PermissionPorts) {
    this.#ports = ports;
  }

  /** @throws {PlatformError} */
  readonly may: NonNullable<Platform["hasRight"]> = async (person, right, where, signal) => {
    const [team = "", channel = ""] = where.place.split(":", 2);
    // A DM with the bot has only one person.
    if (channel.startsWith("D")) return true;
    const [personTeam, user = ""] = person.split(":", 2);
    if (team !== personTeam) return false;
    // Slash commands can only be typed by people in the place; only they have the place's own key.
    const isTyped = partsOf(where.conversation).threadTs === undefined;
    const asked = { ...where, hasWritten: where.hasWritten || isTyped };
    return this.#may({ team, user, channel }, right, asked, signal);
  };

  /** @throws {PlatformError} */
  readonly isIn: NonNullable<Platform["isIn"]> = async (place, signal) => {
    try {
      return (await this.#ports.channels.visibility(place.slice(place.indexOf(":") + 1), signal)).hasBot;
    } catch (error) {
      // Slack does not show it private channels that it is not in.
      if (error instanceof PlatformError && error.closed === "outside") return false;
      throw error;
    }
  };

  async #may(
    person: Person,
    right: Right,
    { hasWritten, isSpeaker }: Pick<PlaceOfPerson, "hasWritten" | "isSpeaker">,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { channels, memberships } = this.#ports;
    const isInside = hasWritten || (await this.#isInside({ ...person, isSpeaker }, signal));
    if (right === "moderate") return isInside && (await memberships.isAdmin(person, signal));
    if (isInside) return true;
    const { kind, isShared } = await channels.visibility(person.channel, signal);
    return right === "read" && kind === "public" && !isShared && this.#isMember(person, signal);
  }

  /** In a public channel with too many members to list, every full member of the workspace counts as inside. */
  async #isInside(
    { team, user, channel, isSpeaker }: Person & { readonly isSpeaker: boolean },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { channels } = this.#ports;
    try {
      const members = await channels.members(channel, signal);
      if (members !== undefined) return members.includes(user);
    } catch (error) {
      // Without the scope we can't list members; people who have written there are members.
      if (isSpeaker && error instanceof PlatformError && !error.isPassing) return true;
      throw error;
    }
    const { kind, isShared } = await channels.visibility(channel, signal);
    return kind === "public" && !isShared && this.#isMember({ team, user }, signal);
  }

  async #isMember({ team, user }: Pick<Person, "team" | "user">, signal: AbortSignal): Promise<boolean> {
    return (await this.#ports.memberships.of(team, [user], signal)).get(user) === "member";
  }
}
