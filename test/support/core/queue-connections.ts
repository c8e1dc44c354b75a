import { QueueConnections } from "../../../src/engine/bullmq/queue-connections.ts";
import type { Log } from "../../../src/ports/log.ts";

/** Beside stores whose server is there. */
export function connectionsOf(log: Log): QueueConnections {
  return new QueueConnections({ log, isServerUp: () => true });
}
