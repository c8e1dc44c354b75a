import type { PostId } from "../../domain/message.ts";
import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Health, Component } from "../../ports/component.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { PostLimits } from "../../ports/platform-posts.ts";
import type { Platform } from "../../ports/platform.ts";
import { StoreError } from "../../ports/store-error.ts";
import type { ClockSkew } from "./connection/clock-skew.ts";
import type { SocketReceiver } from "./connection/socket-receiver.ts";
import { isForFile } from "./outbound/shared-files.ts";
import { showsWork } from "./outbound/working-status.ts";
import type { Router } from "./router.ts";
import type { SlackWorkspace, WorkspaceMethods } from "./slack-workspace.ts";
import type { SlackWorkspaces } from "./slack-workspaces.ts";
import { partsOf, teamOf } from "./wire/keys.ts";
import { installationOfPost } from "./wire/post-id.ts";

/** Shutdown waits no longer for streams to stop. */
const stopStreamsMs = 2_000;

/** The parts of the platform; open-slack.ts wires them. */
export interface SlackParts {
  readonly workspaces: SlackWorkspaces;
  readonly router: Router;
  /** Missing when events arrive over HTTP. */
  readonly socket?: SocketReceiver;
  /** Always empty in Socket Mode, which has no signatures. */
  readonly clockSkew: ClockSkew;
}

/** The Platform port for Slack. Each method chooses the workspace, which does the work with its own token. */
export class SlackPlatform implements Platform, Component, WorkspaceMethods {
  readonly name = "slack";
  /**
   * A markdown block holds 12,000 characters (https://docs.slack.dev/reference/block-kit/blocks/markdown-block), and making
   * a text safe lengthens it.
   */
  readonly limits: PostLimits = {
    postChars: 8_000,
    maxPosts: 4,
    codeChars: 3_000,
    hasPlaceholder: true,
    carriesStop: true,
  };
  readonly #parts: SlackParts;

  constructor(parts: SlackParts) {
    this.#parts = parts;
  }

  readonly whenWritable: WorkspaceMethods["whenWritable"] = async (to, write, signal) =>
    (await this.#at(to, write.id)).whenWritable(to, write, signal);

  readonly createPost: WorkspaceMethods["createPost"] = async (to, ...post) =>
    (await this.#at(to)).createPost(to, ...post);

  readonly editPost: WorkspaceMethods["editPost"] = async (to, id, ...post) =>
    (await this.#at(to, id)).editPost(to, id, ...post);

  readonly deletePost: WorkspaceMethods["deletePost"] = async (to, id, signal) =>
    (await this.#at(to, id)).deletePost(to, id, signal);

  readonly findPost: WorkspaceMethods["findPost"] = async (to, ...post) =>
    (await this.#at(to)).findPost(to, ...post);

  readonly installationOf = (place: string): string | undefined => teamOf(place) || undefined;

  /** Undefined also while the workspace is not open, in which nothing was received here for long. */
  readonly botNameIn = (place: string): string | undefined => {
    const { workspaces } = this.#parts;
    const team = teamOf(place);
    return (team === "" ? workspaces.home : workspaces.opened(team))?.self.name;
  };

  /** Undefined also while the workspace is not open: it is open when an answer has just been written there. */
  readonly permalinkOf: WorkspaceMethods["permalinkOf"] = (conversation, post) =>
    this.#parts.workspaces.opened(partsOf(conversation).team)?.permalinkOf(conversation, post);

  readonly sendPrivately: WorkspaceMethods["sendPrivately"] = async (to, ...texts) =>
    (await this.#at(to)).sendPrivately(to, ...texts);

  readonly notifyUnanswered: WorkspaceMethods["notifyUnanswered"] = async (to, ...told) =>
    (await this.#at(to)).notifyUnanswered(to, ...told);

  readonly fetchMissed: WorkspaceMethods["fetchMissed"] = async (known, signal) =>
    (await this.#of(teamOf(known.place))).fetchMissed(known, signal);

  readonly fetchHistory: WorkspaceMethods["fetchHistory"] = async (begun, ...rest) =>
    (await this.#of(teamOf(begun.place))).fetchHistory(begun, ...rest);

  readonly readable: WorkspaceMethods["readable"] = async (readers, ...places) => {
    const workspace = await this.#find(teamOf(readers.place));
    return workspace === undefined ? { places: [], unknown: [] } : workspace.readable(readers, ...places);
  };

  readonly hasRight: WorkspaceMethods["hasRight"] = async (person, right, where, signal) =>
    (await this.#of(teamOf(where.place))).hasRight(person, right, where, signal);

  readonly isIn: WorkspaceMethods["isIn"] = async (place, signal) =>
    (await this.#of(teamOf(place))).isIn(place, signal);

  readonly readFile: WorkspaceMethods["readFile"] = async (file, ...rest) =>
    (await this.#of(file.installation)).readFile(file, ...rest);

  readonly sendFilesPrivately: WorkspaceMethods["sendFilesPrivately"] = async (to, ...message) =>
    (await this.#at(to)).sendFilesPrivately(to, ...message);

  readonly sharedFiles: WorkspaceMethods["sharedFiles"] = {
    isFor: isForFile,
    reserve: async (to, ...file) => (await this.#at(to)).sharedFiles.reserve(to, ...file),
    show: async (to, ...files) => (await this.#at(to)).sharedFiles.show(to, ...files),
    isShown: async (to, id, signal) => (await this.#at(to, id)).sharedFiles.isShown(to, id, signal),
    remove: async (to, id, signal) => (await this.#at(to, id)).sharedFiles.remove(to, id, signal),
  };

  readonly showWorking: WorkspaceMethods["showWorking"] = async (to, signal) => {
    if (showsWork(to)) await (await this.#at(to)).showWorking(to, signal);
  };

  /** False also while the workspace is not open: it is open when an answer has just been written there. */
  readonly showsTitles: WorkspaceMethods["showsTitles"] = (conversation) =>
    this.#parts.workspaces.opened(partsOf(conversation).team)?.showsTitles(conversation) ?? false;

  readonly showTitle: WorkspaceMethods["showTitle"] = async (conversation, isErased) =>
    (await this.#of(partsOf(conversation).team)).showTitle(conversation, isErased);

  /** What is shown elsewhere of a person than in their own workspace belongs to another author. */
  readonly personErased = (person: string): void => {
    const [team = "", user = ""] = person.split(":", 2);
    const show = (found: SlackWorkspace | undefined): void => found?.showHome({ team, user });
    // Without the installation it is shown again when the person opens it.
    this.#find(team).then(show, () => undefined);
  };

  readonly showRest: WorkspaceMethods["showRest"] = (to, ...rest) =>
    showsWork(to) ? this.#at(to).then((workspace) => workspace.showRest(to, ...rest)) : undefined;

  readonly health = (): Health => {
    const { socket, clockSkew, workspaces } = this.#parts;
    const { open, refused } = workspaces.counts;
    const { refusal } = workspaces.home.api;
    // The other workspaces go on without the environment's token.
    if (refusal !== undefined) return { ok: open > refused, why: `Slack refuses the bot token (${refusal})` };
    const received = socket?.health();
    if (received?.ok === false) return received;
    const counted = `Slack refuses the tokens of ${refused} of the ${open} open installations`;
    if (refused > 0) return { ok: true, why: counted };
    // Clock skew does not turn health red: anyone could replay an old request of Slack's to cause that.
    return received ?? { ok: true, why: clockSkew.why };
  };

  /** Stops receiving, lets pending events be stored and acknowledged, disconnects, and stops what is still streamed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { router, socket, workspaces } = this.#parts;
    await router.close();
    await socket?.[Symbol.asyncDispose]();
    await workspaces.stopStreams(AbortSignal.timeout(stopStreamsMs));
    workspaces[Symbol.dispose]();
  }

  /** The workspace of an address, or of a post. */
  async #at(to: ReplyAddress, post?: PostId): Promise<SlackWorkspace> {
    const named = post === undefined ? undefined : installationOfPost(post);
    return this.#of(named ?? to.installation);
  }

  /** `id`: see SlackWorkspaces. Undefined: stored by an earlier version, which had one token. @throws {PlatformError} */
  async #of(id: string | undefined): Promise<SlackWorkspace> {
    const found = await this.#find(id);
    if (found !== undefined) return found;
    throw new PlatformError("gone", "The app is no longer installed in the workspace");
  }

  /** Undefined: not installed. @throws {PlatformError} */
  async #find(id: string | undefined): Promise<SlackWorkspace | undefined> {
    const { workspaces } = this.#parts;
    if (id === undefined) return workspaces.home;
    try {
      return await workspaces.find(id);
    } catch (cause) {
      if (!(cause instanceof StoreError)) throw cause;
      throw new PlatformError("unreachable", "The installation can't be read", { cause });
    }
  }
}
