import type { Installations } from "../../ports/installations.ts";
import type { Log } from "../../ports/log.ts";
import { isPermanentRefusal } from "./api/slack-errors.ts";
import type { SlackWorkspace } from "./slack-workspace.ts";
import type { SlackWorkspaces } from "./slack-workspaces.ts";

interface Ports {
  readonly workspaces: Pick<SlackWorkspaces, "forget">;
  readonly installations: Pick<Installations, "find" | "remove">;
  readonly log: Log;
}

/**
 * Removes a stored installation that has ended, with its token. Everything that is remembered stays, and is there again
 * when the installation is added again. A refusal of the environment's token is reported to the operator.
 */
export class EndedInstallations {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Asks Slack whether it still accepts the token. Never rejects: a failure is logged. */
  async check({ api, self }: SlackWorkspace, signal: AbortSignal): Promise<void> {
    const { workspaces, installations, log } = this.#ports;
    const { teamId: id } = self;
    const { token } = api;
    try {
      await api.call((client) => client.auth.test(), signal).catch(() => undefined);
      const isRefused = api.refusal !== undefined && isPermanentRefusal(api.refusal);
      if (!isRefused) return;
      // It may have been added again with a new token; the environment's token is not stored.
      if ((await installations.find("slack", id, signal))?.token !== token) return;
      await installations.remove("slack", id, signal);
      workspaces.forget(id);
      log.warn(
        { installation: id },
        "the app was removed from a Slack workspace, and its installation with it; what is remembered stays",
      );
    } catch (error) {
      log.error(
        { err: error, installation: id },
        "an installation that has ended could not be removed; remove it by hand",
      );
    }
  }
}
