import type { Clock } from "../../ports/clock.ts";
import type { Ids } from "../../ports/ids.ts";
import type { Log } from "../../ports/log.ts";
import { PlatformError, type Platform } from "../../ports/platform.ts";
import { retractedText } from "../text/user-messages.ts";
import { platformFor, type PlatformPorts } from "./platform-for.ts";
import { retry } from "../async/retry.ts";
import type { PostId } from "../../domain/message.ts";

interface DeletePorts extends PlatformPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/**
 * Takes replies of ours back that rest on what is gone. What the platform will never let us delete is reported and
 * left. @throws {PlatformError} when it is away: then nothing of this is over yet.
 */
export async function retractPosts(
  ports: DeletePorts,
  platformName: string,
  posts: readonly PostId[],
  signal: AbortSignal,
): Promise<void> {
  for (const post of posts) {
    try {
      const platform = platformFor(ports, platformName);
      // An old post is found by its id alone.
      const to = { platform: platformName, target: {} };
      await retry(ports.clock, signal, () => platform.deletePost(to, post, signal)).catch((error: unknown) =>
        blank(ports, { platform, post, error }, signal),
      );
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      const reference = ports.ids.reference();
      ports.log.error({ err: error, kind: error.kind, reference }, "a reply could not be taken back");
    }
  }
}

/** What a platform fails to delete for ever may still be written over. @throws {PlatformError} the first one, where that fails too. */
async function blank(
  ports: DeletePorts,
  { platform, post, error }: { readonly platform: Platform; readonly post: PostId; readonly error: unknown },
  signal: AbortSignal,
): Promise<void> {
  if (!(error instanceof PlatformError) || error.kind !== "unreachable") throw error;
  const to = { platform: platform.name, target: {} };
  const instead = { turn: post, part: 0, covers: [], text: retractedText, state: "done" } as const;
  try {
    await platform.editPost(to, post, instead, signal);
  } catch {
    throw error;
  }
  ports.log.warn({ err: error }, "a reply could not be deleted, and was written over");
}
