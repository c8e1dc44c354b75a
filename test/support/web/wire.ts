import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import type { Broadcast } from "../../../src/ports/broadcast.ts";

/** One replica's end of the wire. */
export interface WireEnd extends Broadcast {
  /** What comes while it is deaf is lost to this replica; what it sends goes out. */
  isDeaf: boolean;
  /** The connection is back after an outage. */
  readonly reconnect: () => void;
}

/** A broadcast between replicas: news go as JSON, come a moment later, to the sender too, and can be lost. */
export class Wire {
  readonly #ends: { readonly end: WireEnd; readonly local: InProcessBroadcast }[] = [];
  /** Everything that was sent, as it went over the wire. */
  readonly sent: string[] = [];
  delayMs = 5;
  #underWay = 0;
  /** What it says of is lost to everybody. */
  loses: (envelope: string) => boolean = () => false;

  join(): WireEnd {
    const local = new InProcessBroadcast();
    const end: WireEnd = {
      isDeaf: false,
      send: (channel, news) => this.publish(JSON.stringify({ channel, news })),
      listen: local.listen,
      onGap: (onGap) => void local.listen("gap", onGap),
      reconnect: () => {
        end.isDeaf = false;
        local.send("gap", undefined);
      },
    };
    this.#ends.push({ end, local });
    return end;
  }

  /** Whether everything that was sent has arrived. */
  get isQuiet(): boolean {
    return this.#underWay === 0;
  }

  /** As any program could. */
  publish(envelope: string): void {
    this.sent.push(envelope);
    if (this.loses(envelope)) return;
    const hearing = this.#ends.filter(({ end }) => !end.isDeaf);
    this.#underWay += 1;
    setTimeout(() => {
      this.#underWay -= 1;
      const { channel, news } = JSON.parse(envelope);
      for (const { local } of hearing) local.send(channel, news);
    }, this.delayMs);
  }
}
