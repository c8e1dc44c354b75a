import type { Directory } from "../../ports/directory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { SparseLog } from "../../runtime/logging/sparse-log.ts";
import { raceAbort } from "../../async/race-abort.ts";
import { outage, type Ingress } from "./inbound/ingress.ts";
import { privateMessage, type PrivateMessage } from "./wire/conversation-picker.ts";
import { authorisedFor, installationIdsIn, sharedThreadIn } from "./wire/body-origin.ts";
import { keyOf, placeOf } from "./wire/keys.ts";
import { slashCommandBody } from "./wire/payload-schemas.ts";
import type { SlackWorkspace } from "./slack-workspace.ts";
import type { SlackWorkspaces } from "./slack-workspaces.ts";

interface RouterPorts {
  readonly workspaces: SlackWorkspaces;
  readonly directory: Pick<Directory, "locate">;
  readonly clock: Clock;
  readonly log: Log;
}

/** See ingress.ts. Storing what the workspace receives has a deadline of its own. */
const deadlineMs = 2_500;
const notInstalled = "I'm not installed in this workspace any more.";

/** Gives every body that Slack delivers to the workspace that it was delivered for. */
export class Router {
  readonly #ports: RouterPorts;
  readonly #unknown: SparseLog;
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(ports: RouterPorts) {
    this.#ports = ports;
    this.#unknown = new SparseLog(ports);
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** See Ingress. */
  readonly receive: Ingress["receive"] = async (body) => {
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

  async #deliver(body: unknown): Promise<PrivateMessage | undefined> {
    const ids = installationIdsIn(body);
    let workspace: SlackWorkspace | undefined;
    try {
      workspace = await raceAbort(this.#ports.workspaces.findFirst(ids), AbortSignal.timeout(deadlineMs));
    } catch (error) {
      this.#ports.log.error(
        { err: error },
        "the installation of a Slack event could not be read; check the store and SECRET_KEY",
      );
      if (isSlashCommand(body)) return privateMessage(outage);
      throw error;
    }
    if (workspace !== undefined) return this.#receiveIn(workspace, body);
    this.#unknown.warn(
      "unknown",
      { installation: ids[0] },
      "Slack delivered an event of a workspace without an installation, and it was dropped; add the installation, or remove the app there",
    );
    return isSlashCommand(body) ? privateMessage(notInstalled) : undefined;
  }

  async #receiveIn(workspace: SlackWorkspace, body: unknown): Promise<PrivateMessage | undefined> {
    const kept = await this.#keptBy(workspace, body);
    return kept === undefined
      ? workspace.ingress.receive(body)
      : kept.workspace.ingress.receive(authorisedFor(kept.team, body));
  }

  /**
   * The other installation that a thread of a shared channel began with, if any: Slack names just one of those that see an
   * event, and not always the same.
   */
  async #keptBy(workspace: SlackWorkspace, body: unknown) {
    const thread = sharedThreadIn(body);
    if (thread === undefined) return undefined;
    const { channel, threadTs } = thread;
    const signal = AbortSignal.timeout(deadlineMs);
    const began = async (team: string): Promise<boolean> => {
      const located = await this.#ports.directory.locate("slack", placeOf(team, channel), threadTs, signal);
      return located === keyOf(team, channel, threadTs);
    };
    const others = [];
    for (const team of thread.teams) {
      const found = await this.#ports.workspaces.find(team);
      if (found !== undefined && found !== workspace) others.push({ team, workspace: found });
    }
    if (others.length === 0 || (await began(workspace.self.teamId))) return undefined;
    for (const other of others) if (await began(other.team)) return other;
    return undefined;
  }
}

function isSlashCommand(body: unknown): boolean {
  return slashCommandBody.safeParse(body).success;
}
