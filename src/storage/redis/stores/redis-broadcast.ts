import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Log } from "../../../ports/log.ts";
import { refuseMissingRight } from "../connection/check-rights.ts";
import type { ConnectedRedis } from "../connection/connect-redis.ts";
import { keys } from "../commands/keys.ts";

const silenceMs = 3_000;
/** Tells all replicas that a sender's messages were lost. */
const gapChannel = "gap";

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
  let hasLost = false;
  const send = (channel: string, news?: unknown): void => {
    link
      .sendCommand(["PUBLISH", keys.broadcast, JSON.stringify({ channel, news })])
      .catch((error: unknown) => {
        hasLost = true;
        log.debug({ err: error, channel }, "a broadcast did not reach the other replicas");
      });
  };
  link.onUp(() => {
    if (hasLost) send(gapChannel);
    hasLost = false;
  });
  return {
    listen: local.listen,
    onGap: (onGap) => {
      subscriber.onUp(onGap);
      local.listen(gapChannel, onGap);
    },
    send,
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
