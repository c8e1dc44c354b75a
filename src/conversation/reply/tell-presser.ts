import type { ReplyAddress } from "../../domain/reply-address.ts";
import type { Log } from "../../ports/log.ts";
import { platformFor, type PlatformPorts } from "./platform-for.ts";

/** Tells a person in private what became of their press. The press has done its work without it, so a failure is only logged. */
export async function tellPresser(
  ports: PlatformPorts & { readonly log: Log },
  to: ReplyAddress,
  line: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await platformFor(ports, to.platform).sendPrivately(to, [line], signal);
  } catch (error) {
    signal.throwIfAborted();
    ports.log.warn({ err: error }, "could not tell a person what became of their press");
  }
}
