import { ByteRate } from "./byte-rate.ts";
import { FrameRate } from "./frame-rate.ts";

const mib = 1_024 * 1_024;
const mostSocketsOfPerson = 30;
const mostSocketsOfAddress = 500;
const mostSockets = 2_000;
/** Of all sockets together, in frames that have not ended yet. */
const mostUnfinishedBytes = 64 * mib;
const mostIdleKept = 1_000;
const warnEveryMs = 1_000;

/** What becomes of a frame. `warn` comes at most once a second on a socket. */
export type FrameVerdict = "pass" | "warn" | "drop" | "close";

/** What the sockets of one person, or from one address, share. */
class Shared {
  sockets = 0;
  readonly frames: FrameRate;
  readonly bytes: ByteRate;
  /** Of what is read for them, and written to them: a few bytes ask for much of it. */
  readonly history: ByteRate;

  constructor(frames: FrameRate, bytes: ByteRate, history: ByteRate) {
    this.frames = frames;
    this.bytes = bytes;
    this.history = history;
  }
}

/** Whose socket it is. `address` is undefined for a caller on this machine, who is not counted by it. */
export interface SocketOwner {
  readonly user: string;
  readonly address: string | undefined;
}

/**
 * What the sockets may send: each one, all of a person, and all from an address. Memory grows with the people and
 * addresses that have sockets, and at most 1,000 that had.
 */
export class SocketLimits {
  readonly #people = new Map<string, Shared>();
  readonly #addresses = new Map<string, Shared>();
  readonly #lanes = new Set<Lane>();
  #unfinishedBytes = 0;

  /** Undefined when there are too many sockets already. */
  enter({ user, address }: SocketOwner): Lane | undefined {
    const person = sharedIn(
      this.#people,
      user,
      () =>
        new Shared(new FrameRate(60, 30), new ByteRate(2 * mib, 8 * mib), new ByteRate(8 * mib, 32 * mib)),
    );
    const place = sharedIn(
      this.#addresses,
      address ?? "",
      () =>
        new Shared(
          new FrameRate(500, Number.POSITIVE_INFINITY),
          new ByteRate(8 * mib, 16 * mib),
          new ByteRate(32 * mib, 128 * mib),
        ),
    );
    if (person.sockets >= mostSocketsOfPerson || this.#lanes.size >= mostSockets) return undefined;
    if (address !== undefined && place.sockets >= mostSocketsOfAddress) return undefined;
    const lane = new Lane(this, { person, place, isCounted: address !== undefined });
    this.#lanes.add(lane);
    return lane;
  }

  leave(lane: Lane): void {
    this.#unfinishedBytes -= lane.unfinishedBytes;
    this.#lanes.delete(lane);
  }

  /** When too much is unfinished, the socket with the most of it goes. */
  noteUnfinished(bytes: number): void {
    this.#unfinishedBytes += bytes;
    if (this.#unfinishedBytes <= mostUnfinishedBytes) return;
    let largest: Lane | undefined;
    for (const lane of this.#lanes)
      if (lane.unfinishedBytes > (largest?.unfinishedBytes ?? 0)) largest = lane;
    largest?.onOverflow();
  }
}

interface LaneParts {
  readonly person: Shared;
  readonly place: Shared;
  readonly isCounted: boolean;
}

/** What one socket may send. */
export class Lane {
  /** Called when it is to be cut off, to make room for the others. */
  onOverflow: () => void = () => undefined;
  unfinishedBytes = 0;
  readonly #limits: SocketLimits;
  readonly #parts: LaneParts;
  readonly #frames = new FrameRate(20, 10);
  readonly #bytes = new ByteRate(mib, 4 * mib);
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  #hasLeft = false;

  constructor(limits: SocketLimits, parts: LaneParts) {
    this.#limits = limits;
    this.#parts = parts;
    parts.person.sockets += 1;
    parts.place.sockets += 1;
  }

  /** Bytes have arrived, of whatever kind. How long to read no further, in ms. */
  takeBytes(bytes: number, nowMs: number): number {
    if (this.#hasLeft) return 0;
    const { person, place } = this.#parts;
    this.unfinishedBytes += bytes;
    this.#limits.noteUnfinished(bytes);
    return Math.max(...[this.#bytes, person.bytes, place.bytes].map((each) => each.take(bytes, nowMs)));
  }

  /** A history goes out. How long to give no further one, in ms. */
  takeHistory(bytes: number, nowMs: number): number {
    const { person, place } = this.#parts;
    return Math.max(person.history.take(bytes, nowMs), place.history.take(bytes, nowMs));
  }

  /** A frame of whatever kind is complete; `bytes`: all that it had, where another one may still be unfinished. */
  takeFrame(nowMs: number, bytes = this.unfinishedBytes): FrameVerdict {
    const finished = Math.min(bytes, this.unfinishedBytes);
    this.#limits.noteUnfinished(-finished);
    this.unfinishedBytes -= finished;
    const { person, place, isCounted } = this.#parts;
    const rates = [this.#frames, person.frames, ...(isCounted ? [place.frames] : [])];
    const verdicts = new Set(rates.map((each) => each.take(nowMs)));
    if (verdicts.has("close")) return "close";
    if (!verdicts.has("excess")) return "pass";
    if (nowMs - this.#warnedAtMs < warnEveryMs) return "drop";
    this.#warnedAtMs = nowMs;
    return "warn";
  }

  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#limits.leave(this);
    this.#parts.person.sockets -= 1;
    this.#parts.place.sockets -= 1;
  }
}

/** Who comes back soon is still counted: a new socket is no new allowance. */
function sharedIn(all: Map<string, Shared>, key: string, make: () => Shared): Shared {
  const known = all.get(key);
  if (known !== undefined) return known;
  if (all.size >= mostIdleKept) {
    for (const [each, { sockets }] of all) if (sockets === 0) all.delete(each);
  }
  const made = make();
  all.set(key, made);
  return made;
}
