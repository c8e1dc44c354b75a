import type { PostId } from "../domain/turn.ts";
import { PlatformError } from "../ports/platform.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { withRetries } from "./with-retries.ts";

/**
 * Takes replies of ours back that rest on what is gone. What the platform will never let us delete is reported and
 * left. @throws {PlatformError} when it is away: then nothing of this is over yet.
 */
export async function takeBackPosts(
  ports: TurnPorts,
  platformName: string,
  posts: readonly PostId[],
  signal: AbortSignal,
): Promise<void> {
  for (const post of posts) {
    try {
      const platform = platformFor(ports, platformName);
      // An old post is found by its id alone.
      const to = { platform: platformName, target: {} };
      await withRetries(ports.clock, signal, () => platform.deletePost(to, post, signal));
    } catch (error) {
      if (!(error instanceof PlatformError) || error.isPassing) throw error;
      const reference = ports.ids.reference();
      ports.log.error({ err: error, kind: error.kind, reference }, "a reply could not be taken back");
    }
  }
}
