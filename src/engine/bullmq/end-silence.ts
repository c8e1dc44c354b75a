import type { Redis } from "ioredis";

/**
 * Ends the timer of a closed connection. Version 5 of ioredis lets it run on, and it closes the next connection, with
 * calls under way: https://github.com/redis/ioredis/issues/2147
 */
export function endSilenceWithConnection(connection: Redis): void {
  connection.on("close", () => {
    clearTimeout(connection["socketTimeoutTimer"]);
    connection["socketTimeoutTimer"] = undefined;
  });
}
