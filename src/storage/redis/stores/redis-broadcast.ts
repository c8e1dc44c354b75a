import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Log } from "../../../ports/log.ts";
import { refuseMissingRight } from "../connection/check-rights.ts";
import type { ConnectedRedis } from "../connection/connect-redis.ts";
import { keys } from "../commands/keys.ts";

const silenceMs = 3_000;

/** A broadcast over Redis' publish and subscribe. Messages sent during an outage are lost. */
export async function openRedisBroadcast(
  { link, openAnotherLink, user }: ConnectedRedis,
  local: Broadcast,
  log: Log,
): Promise<Broadcast & AsyncDisposable> {
  const subscriber = openAnotherLink({ silenceMs, isPinged: true });
  await subscriber.connect();
  const subscribing = subscriber.subscribe(keys.broadcast, (envelope) => {
    const { channel, news } = read(envelope);
    if (channel !== undefined) local.send(channel, news);
  });
  await subscribing.catch((error: unknown) => {
    subscriber.close();
    refuseMissingRight("SUBSCRIBE", user, error);
  });
  return {
    listen: local.listen,
    send: (channel, news) => {
      link
        .sendCommand(["PUBLISH", keys.broadcast, JSON.stringify({ channel, news })])
        .catch((error: unknown) => {
          log.debug({ err: error, channel }, "a broadcast did not reach the other replicas");
        });
    },
    [Symbol.asyncDispose]: async () => subscriber.close(),
  };
}

function read(envelope: string): { readonly channel?: string; readonly news?: unknown } {
  try {
    const parsed: unknown = JSON.parse(envelope);
    if (typeof parsed !== "object" || parsed === null || !("channel" in parsed)) return {};
    const { channel } = parsed;
    return typeof channel === "string" ? { channel, news: "news" in parsed ? parsed.news : undefined } : {};
  } catch {
    // Another program publishes on the channel.
    return {};
  }
}
