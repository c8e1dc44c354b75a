import { ByteRate } from "./byte-rate.ts";
import { FrameRate } from "./frame-rate.ts";

const mib = 1_024 * 1_024;
const maxSocketsPerPerson = 30;
const maxSocketsPerAddress = 500;
const maxSockets = 2_000;
/** Of all sockets together, in frames that have not ended yet. */
const maxUnfinishedBytes = 64 * mib;
const maxIdleOwners = 1_000;
const warnEveryMs = 1_000;

/** What becomes of a frame. `warn` comes at most once a second on a socket. */
export type FrameVerdict = "pass" | "warn" | "drop" | "close";

/** What the sockets of one person, or from one address, share. */
class SharedAllowance {
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

/** Whose socket it is. `address` is undefined for a caller on this machine, who is not countedFrames by it. */
export interface SocketOwner {
  readonly user: string;
  readonly address: string | undefined;
}

/**
 * What the sockets may send: each one, all of a person, and all from an address. Memory grows with the people and
 * addresses that have sockets, and at most 1,000 that had.
 */
export class SocketLimits {
  readonly #people = new Map<string, SharedAllowance>();
  readonly #addresses = new Map<string, SharedAllowance>();
  readonly #allowances = new Set<SocketAllowance>();
  #unfinishedBytes = 0;

  /** Undefined when there are too many sockets already. */
  enter({ user, address }: SocketOwner): SocketAllowance | undefined {
    const person = allowanceOf(
      this.#people,
      user,
      () =>
        new SharedAllowance(
          new FrameRate(60, 30),
          new ByteRate(2 * mib, 8 * mib),
          new ByteRate(8 * mib, 32 * mib),
        ),
    );
    const place = allowanceOf(
      this.#addresses,
      address ?? "",
      () =>
        new SharedAllowance(
          new FrameRate(500, Number.POSITIVE_INFINITY),
          new ByteRate(8 * mib, 16 * mib),
          new ByteRate(32 * mib, 128 * mib),
        ),
    );
    if (person.sockets >= maxSocketsPerPerson || this.#allowances.size >= maxSockets) return undefined;
    if (address !== undefined && place.sockets >= maxSocketsPerAddress) return undefined;
    const allowance = new SocketAllowance(this, { person, place, isCounted: address !== undefined });
    this.#allowances.add(allowance);
    return allowance;
  }

  leave(allowance: SocketAllowance): void {
    this.#unfinishedBytes -= allowance.unfinishedBytes;
    this.#allowances.delete(allowance);
  }

  /** When too much is unfinished, the socket with the most of it goes. */
  addUnfinished(bytes: number): void {
    this.#unfinishedBytes += bytes;
    if (this.#unfinishedBytes <= maxUnfinishedBytes) return;
    let largest: SocketAllowance | undefined;
    for (const allowance of this.#allowances)
      if (allowance.unfinishedBytes > (largest?.unfinishedBytes ?? 0)) largest = allowance;
    largest?.onOverflow();
  }
}

interface SocketAllowanceParts {
  readonly person: SharedAllowance;
  readonly place: SharedAllowance;
  readonly isCounted: boolean;
}

/** What one socket may send. */
export class SocketAllowance {
  /** Called when it is to be cut off, to make room for the others. */
  onOverflow: () => void = () => undefined;
  unfinishedBytes = 0;
  readonly #limits: SocketLimits;
  readonly #parts: SocketAllowanceParts;
  readonly #frames = new FrameRate(20, 10);
  readonly #bytes = new ByteRate(mib, 4 * mib);
  #warnedAtMs = Number.NEGATIVE_INFINITY;
  #hasLeft = false;

  constructor(limits: SocketLimits, parts: SocketAllowanceParts) {
    this.#limits = limits;
    this.#parts = parts;
    parts.person.sockets += 1;
    parts.place.sockets += 1;
  }

  /** Bytes have arrived, of whatever kind. How long to read no further, in ms. */
  countBytes(bytes: number, nowMs: number): number {
    if (this.#hasLeft) return 0;
    const { person, place } = this.#parts;
    this.unfinishedBytes += bytes;
    this.#limits.addUnfinished(bytes);
    return Math.max(...[this.#bytes, person.bytes, place.bytes].map((each) => each.add(bytes, nowMs)));
  }

  /** A history goes out. How long to give no further one, in ms. */
  countHistory(bytes: number, nowMs: number): number {
    const { person, place } = this.#parts;
    return Math.max(person.history.add(bytes, nowMs), place.history.add(bytes, nowMs));
  }

  /** A frame of whatever kind is complete; `bytes`: all that it had, where another one may still be unfinished. */
  countFrame(nowMs: number, bytes = this.unfinishedBytes): FrameVerdict {
    const finished = Math.min(bytes, this.unfinishedBytes);
    this.#limits.addUnfinished(-finished);
    this.unfinishedBytes -= finished;
    const { person, place, isCounted } = this.#parts;
    const rates = [this.#frames, person.frames, ...(isCounted ? [place.frames] : [])];
    const verdicts = new Set(rates.map((each) => each.count(nowMs)));
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

/** Who comes back soon is still countedFrames: a new socket is no new allowance. */
function allowanceOf(
  all: Map<string, SharedAllowance>,
  key: string,
  make: () => SharedAllowance,
): SharedAllowance {
  const known = all.get(key);
  if (known !== undefined) return known;
  if (all.size >= maxIdleOwners) {
    for (const [each, { sockets }] of all) if (sockets === 0) all.delete(each);
  }
  const made = make();
  all.set(key, made);
  return made;
}
