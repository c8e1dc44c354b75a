import { LRUCache } from "lru-cache";
import { z } from "zod";

import type { Installation } from "../../domain/installation.ts";
import type { Installations } from "../../ports/installations.ts";
import { identityOf } from "./api/bot-identity.ts";
import { SlackApi, type ClientOptions } from "./api/slack-api.ts";
import { isPermanentRefusal } from "./api/slack-errors.ts";
import { openWorkspace, type SlackWorkspace, type WorkspacePorts } from "./slack-workspace.ts";

interface Ports extends WorkspacePorts {
  readonly installations: Installations;
  readonly webOptions: ClientOptions;
}

interface Opened {
  readonly workspace: SlackWorkspace;
  readonly token: string;
  /** When the store was last asked whether it is still installed. */
  checkedAtMs: number;
}

const maxOpen = 200;
/** A removed installation, or one with a new token, is noticed within this time. */
const recheckMs = 60_000;
const deadlineMs = 10_000;
const broadcastChannel = "slack-installations";
const announcement = z.object({ removed: z.string() });

/**
 * The workspace of the environment's token, and those of the stored installations: these are opened when they are needed,
 * and the least recently used are closed.
 */
export class SlackWorkspaces implements Disposable {
  /** The workspace of the environment's token. */
  readonly home: SlackWorkspace;
  readonly #ports: Ports;
  readonly #opened = new LRUCache<string, Opened>({
    max: maxOpen,
    // A caller that still uses it can go on: only what it gets from other replicas ends.
    dispose: ({ workspace }) => workspace[Symbol.dispose](),
  });
  readonly #pending = new Map<string, Promise<SlackWorkspace | undefined>>();
  readonly #listening: Disposable;

  constructor(home: SlackWorkspace, ports: Ports) {
    this.home = home;
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(broadcastChannel, (received) => {
      const { data } = announcement.safeParse(received);
      if (data !== undefined) this.#opened.delete(data.removed);
    });
  }

  /** How many stored installations are open, and how many of their tokens Slack refuses. */
  get counts(): { readonly open: number; readonly refused: number } {
    const refused = [...this.#opened.values()].filter(({ workspace }) => workspace.api.refusal !== undefined);
    return { open: this.#opened.size, refused: refused.length };
  }

  /**
   * The workspace with the id of an installation or of a workspace of an organisation. Undefined: we have no token for it.
   * @throws {StoreError}
   */
  async find(id: string): Promise<SlackWorkspace | undefined> {
    if (this.#isHome(id)) return this.home;
    return (await this.#stored(id)) ?? (await this.#organisationOf(id)) ?? this.#homeOrganisation;
  }

  /** Like `find`, with the first id that has a workspace; without an id, the home. */
  async findFirst(ids: readonly string[]): Promise<SlackWorkspace | undefined> {
    if (ids.length === 0) return this.home;
    for (const id of ids) {
      const found = this.#isHome(id) ? this.home : await this.#stored(id);
      if (found !== undefined) return found;
    }
    return this.#homeOrganisation;
  }

  /** Like `find`, only among the open ones. */
  opened(id: string): SlackWorkspace | undefined {
    if (this.#isHome(id)) return this.home;
    const found = this.#opened.peek(id)?.workspace;
    return found ?? [...this.#opened.values()].find((each) => each.workspace.self.isOurs(id))?.workspace;
  }

  /** Whether installations are stored. @throws {StoreError} */
  async hasStored(): Promise<boolean> {
    const { installations } = this.#ports;
    return (await installations.list("slack", AbortSignal.timeout(deadlineMs))).length > 0;
  }

  /** A stored installation was removed: no replica uses its token any longer. */
  forget(id: string): void {
    this.#opened.delete(id);
    this.#ports.broadcast.send(broadcastChannel, { removed: id });
  }

  /** Stops what this process streams, in all workspaces: see Streams. */
  async stopStreams(signal: AbortSignal): Promise<void> {
    const open = [...this.#opened.values()].map(({ workspace }) => workspace);
    await Promise.all([this.home, ...open].map((workspace) => workspace.stopAll(signal)));
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
    this.#opened.clear();
    this.home[Symbol.dispose]();
  }

  #isHome(id: string): boolean {
    return id === this.home.self.teamId || this.home.self.isOurs(id);
  }

  /** An organisation may get a workspace at any time, and Slack does not always list them. */
  get #homeOrganisation(): SlackWorkspace | undefined {
    return this.home.self.isOrganisation ? this.home : undefined;
  }

  /** All who ask for the same one wait for one answer, and go on in their order. */
  #stored(id: string): Promise<SlackWorkspace | undefined> {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending;
    const opened = this.#opened.get(id);
    const isFresh = opened !== undefined && this.#ports.clock.nowMs() - opened.checkedAtMs < recheckMs;
    if (isFresh) return Promise.resolve(opened.workspace);
    const checking = this.#check(id, opened).finally(() => this.#pending.delete(id));
    this.#pending.set(id, checking);
    return checking;
  }

  async #check(id: string, opened: Opened | undefined): Promise<SlackWorkspace | undefined> {
    const { installations, clock } = this.#ports;
    let found: Installation | undefined;
    try {
      found = await installations.find("slack", id, AbortSignal.timeout(deadlineMs));
    } catch (error) {
      if (opened === undefined) throw error;
      return opened.workspace;
    }
    if (opened !== undefined && found?.token === opened.token) {
      opened.checkedAtMs = clock.nowMs();
      return opened.workspace;
    }
    this.#opened.delete(id);
    return found && this.#open(found);
  }

  async #open({ id, token, account }: Installation): Promise<SlackWorkspace> {
    const { webOptions, clock, log } = this.#ports;
    const api = new SlackApi(token, { ...webOptions }, clock.nowMs);
    const workspace = await openWorkspace(api, identityOf(id, account), {
      ...this.#ports,
      renamingsOf: `slack/${id}`,
    });
    let isReported = false;
    api.onTokenRefused((code) => {
      if (isReported || !isPermanentRefusal(code)) return;
      isReported = true;
      log.error(
        { installation: id, code },
        "Slack rejected the token of an installation; add it again, or remove it",
      );
    });
    this.#opened.set(id, { workspace, token, checkedAtMs: clock.nowMs() });
    return workspace;
  }

  /** The stored organisation that a workspace belongs to. */
  async #organisationOf(team: string): Promise<SlackWorkspace | undefined> {
    const { installations } = this.#ports;
    for (const { id } of await installations.list("slack", AbortSignal.timeout(deadlineMs))) {
      // https://docs.slack.dev/enterprise: ids of organisations begin with an E.
      const organisation = id.startsWith("E") && id !== team ? await this.#stored(id) : undefined;
      if ((await organisation?.knows(team)) === true) return organisation;
    }
    return undefined;
  }
}
