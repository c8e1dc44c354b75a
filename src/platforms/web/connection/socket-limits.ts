import { ByteRate } from "./byte-rate.ts";
import { FrameRate } from "./frame-rate.ts";

const mib = 1_024 * 1_024;
const maxSocketsPerPerson = 30;
const maxSocketsPerAddress = 500;
const maxSockets = 2_000;
/** For all sockets together, in frames that are not complete yet. */
const maxUnfinishedBytes = 64 * mib;
const maxIdleOwners = 1_000;
const warnEveryMs = 1_000;

/** What to do with a frame. `warn`: drop it and tell the client, at most once a second per socket. */
export type FrameVerdict = "pass" | "warn" | "drop" | "close";

/** The allowance that the sockets of one person, or of one address, share. */
class SharedAllowance {
  sockets = 0;
  readonly frames: FrameRate;
  readonly bytes: ByteRate;
  /** For histories: a few bytes of requests cause many bytes of reading and sending. */
  readonly history: ByteRate;

  constructor(frames: FrameRate, bytes: ByteRate, history: ByteRate) {
    this.frames = frames;
    this.bytes = bytes;
    this.history = history;
  }
}

/** The owner of a socket. `address`: undefined for a caller on this machine, which has no limit per address. */
export interface SocketOwner {
  readonly user: string;
  readonly address: string | undefined;
}

/**
 * Limits what sockets may send: each socket, all of a person, and all of an address. Memory grows with the connected
 * people and addresses, and keeps at most 1,000 others.
 */
export class SocketLimits {
  readonly #people = new Map<string, SharedAllowance>();
  readonly #addresses = new Map<string, SharedAllowance>();
  readonly #allowances = new Set<SocketAllowance>();
  #unfinishedBytes = 0;

  /** Undefined: there are too many sockets already. */
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

  /** If too many bytes are unfinished in total, disconnects the socket with the most. */
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

/** The allowance of one socket. */
export class SocketAllowance {
  /** Called to disconnect the socket and make room for others. */
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

  /** Counts arrived bytes. Returns how long (ms) to pause reading. */
  countBytes(bytes: number, nowMs: number): number {
    if (this.#hasLeft) return 0;
    const { person, place } = this.#parts;
    this.unfinishedBytes += bytes;
    this.#limits.addUnfinished(bytes);
    return Math.max(...[this.#bytes, person.bytes, place.bytes].map((each) => each.add(bytes, nowMs)));
  }

  /** Counts a sent history. Returns how long (ms) to send no further one. */
  countHistory(bytes: number, nowMs: number): number {
    const { person, place } = this.#parts;
    return Math.max(person.history.add(bytes, nowMs), place.history.add(bytes, nowMs));
  }

  /** Counts a complete frame. `bytes`: its size, if another frame may still be unfinished. */
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

/** A person who reconnects keeps the old allowance. */
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
