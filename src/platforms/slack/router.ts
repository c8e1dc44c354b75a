import { ArchiveError } from "../../ports/archive.ts";
import type { Directory } from "../../ports/directory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { SparseLog } from "../../runtime/logging/sparse-log.ts";
import { Deadlines } from "../../async/deadlines.ts";
import { SharedTimeLimits } from "../../async/shared-time-limits.ts";
import type { EndedInstallations } from "./ended-installations.ts";
import { saysInstallationEnded } from "./inbound/ended-installation.ts";
import { outage } from "./inbound/notices.ts";
import type { Acknowledgement } from "./wire/acknowledgement.ts";
import { privateMessage } from "./wire/conversation-picker.ts";
import { authorisedFor, installationIdsIn, sharedThreadIn, type SharedThread } from "./wire/body-origin.ts";
import { keyOf, placeOf } from "./wire/keys.ts";
import { slashCommandOf } from "./wire/payload-schemas.ts";
import type { SlackWorkspace } from "./slack-workspace.ts";
import type { SlackWorkspaces } from "./slack-workspaces.ts";

interface RouterPorts {
  readonly workspaces: SlackWorkspaces;
  readonly ended: Pick<EndedInstallations, "check">;
  readonly directory: Pick<Directory, "locate">;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Slack waits 3 seconds for an acknowledgement; half a second is left for the network. Finding the workspace and storing the
 * body share it.
 * https://docs.slack.dev/apis/events-api
 */
const deadlineMs = 2_500;
const notInstalled = "I'm not installed in this workspace any more.";

interface Routed {
  readonly workspace: SlackWorkspace;
  readonly body: unknown;
}

/** An event in a thread of a shared channel. */
interface SharedEvent {
  readonly thread: SharedThread;
  /** The one that Slack delivered it for. */
  readonly workspace: SlackWorkspace;
  readonly ids: readonly string[];
}

/** Gives every body that Slack delivers to the workspace that it was delivered for. */
export class Router {
  readonly #ports: RouterPorts;
  readonly #unknown: SparseLog;
  readonly #limits = new SharedTimeLimits(deadlineMs);
  readonly #deadlines = new Deadlines(deadlineMs);
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
    this.#unknown = new SparseLog(ports);
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /**
   * Resolves when the body may be acknowledged, to the body of the acknowledgement.
   * @throws when it could not be stored: see Ingress.
   */
  readonly receive = async (body: unknown): Promise<Acknowledgement> => {
    if (this.#isClosed) throw new Error("Slack is being closed");
    const running = this.#deliver(body);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  };

  /** Rejects further bodies, and waits for those being stored. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#running);
  }

  async #deliver(body: unknown): Promise<Acknowledgement> {
    const signal = this.#limits.begin();
    let routed: Routed | undefined;
    try {
      routed = await this.#deadlines.wait(() => this.#route(body, signal), signal);
    } catch (error) {
      this.#ports.log.error(
        { err: error },
        "the installation of a Slack event could not be read; check the store and SECRET_KEY",
      );
      if (slashCommandOf(body) !== undefined) return privateMessage(outage);
      throw error;
    }
    if (routed !== undefined && saysInstallationEnded(body)) {
      await this.#ports.ended.check(routed.workspace, signal);
      return undefined;
    }
    if (routed !== undefined) return await routed.workspace.receive(routed.body, signal);
    this.#unknown.warn(
      "unknown",
      { installation: installationIdsIn(body)[0] },
      "Slack delivered an event of a workspace without an installation, and it was dropped; add the installation, or remove the app there",
    );
    return slashCommandOf(body) !== undefined ? privateMessage(notInstalled) : undefined;
  }

  /** Undefined: it is for a workspace without an installation. */
  async #route(body: unknown, signal: AbortSignal): Promise<Routed | undefined> {
    const ids = installationIdsIn(body);
    const workspace = await this.#ports.workspaces.findFirst(ids);
    if (workspace === undefined) return undefined;
    const thread = sharedThreadIn(body);
    const other = thread && (await this.#keeperOf({ thread, workspace, ids }, signal));
    return other === undefined
      ? { workspace, body }
      : { workspace: other.workspace, body: authorisedFor(other.team, body) };
  }

  /**
   * The other installation that a thread of a shared channel began with, if any: Slack names just one of those that see an
   * event, and not always the same.
   */
  async #keeperOf({ thread, workspace, ids }: SharedEvent, signal: AbortSignal) {
    const named = [];
    for (const team of new Set([...ids, ...thread.teams])) {
      const found = await this.#ports.workspaces.find(team);
      if (found !== undefined) named.push({ team, workspace: found });
    }
    if (named.every((each) => each.workspace === workspace)) return undefined;
    for (const each of named) {
      if (await this.#began(thread, each.team, signal))
        return each.workspace === workspace ? undefined : each;
    }
    return undefined;
  }

  async #began({ channel, threadTs }: SharedThread, team: string, signal: AbortSignal): Promise<boolean> {
    try {
      const located = await this.#ports.directory.locate("slack", placeOf(team, channel), threadTs, signal);
      return located === keyOf(team, channel, threadTs);
    } catch (error) {
      // The archive does not answer, and the hot store does not know the thread: it stays where Slack says.
      if (error instanceof ArchiveError) return false;
      throw error;
    }
  }
}
