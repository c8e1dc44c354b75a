import { createHash } from "node:crypto";

import type { Clock } from "../../../src/ports/clock.ts";
import type { FileErasure, FileLink, FileName, FileStore } from "../../../src/ports/file-store.ts";
import { FileStoreError, type FileLimits } from "../../../src/ports/file-store.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

const unlinkedMs = 10 * 60_000;

/** Files in Maps, with a switch for an outage. */
export class InMemoryFiles implements FileStore {
  isAway = false;
  /** How many calls failed because of the outage. */
  failures = 0;
  readonly links = new Map<string, FileLink & { readonly hash: string }>();
  readonly contents = new Map<string, { readonly bytes: Buffer; addedAtMs: number }>();
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #limits: FileLimits;

  /** Takes the clock that the test sweeps by. */
  constructor(
    clock: Pick<Clock, "nowMs"> = systemClock,
    limits: FileLimits = { maxFileBytes: 2 ** 24, maxTotalBytes: 2 ** 28 },
  ) {
    this.#clock = clock;
    this.#limits = limits;
  }

  readonly put: FileStore["put"] = async (given) => {
    this.#checkIsThere();
    const pieces: Uint8Array[] = [];
    for await (const piece of given instanceof Uint8Array ? [given] : given) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    if (bytes.length > this.#limits.maxFileBytes) throw new FileStoreError("too-large", "too large");
    const hash = createHash("sha256").update(bytes).digest("hex");
    this.contents.delete(hash);
    const total = () => [...this.contents.values()].reduce((sum, each) => sum + each.bytes.length, 0);
    for (const oldest of this.contents.keys()) {
      if (total() + bytes.length <= this.#limits.maxTotalBytes) break;
      this.contents.delete(oldest);
      this.#unlink((link) => link.hash === oldest);
    }
    this.contents.set(hash, { bytes, addedAtMs: this.#clock.nowMs() });
    return { hash, sizeBytes: bytes.length };
  };

  readonly link: FileStore["link"] = async (link, hash) => {
    this.#checkIsThere();
    if (!this.contents.has(hash)) return false;
    this.links.set(keyOf(link), { ...link, hash });
    return true;
  };

  readonly keep: FileStore["keep"] = async (file, { saidAtMs, nowMs }) => {
    this.#checkIsThere();
    const known = this.links.get(keyOf(file));
    if (known === undefined || hasEnded(known, nowMs)) return false;
    if (known.saidAtMs !== undefined) return true;
    const { untilMs: _, saidAtMs: _said, ...rest } = known;
    this.links.set(keyOf(file), { ...rest, saidAtMs });
    return true;
  };

  readonly find: FileStore["find"] = async (file, nowMs) => {
    this.#checkIsThere();
    const link = this.links.get(keyOf(file));
    const content = link === undefined ? undefined : this.contents.get(link.hash);
    if (link === undefined || content === undefined || hasEnded(link, nowMs)) return undefined;
    return { hash: link.hash, sizeBytes: content.bytes.length };
  };

  readonly read: FileStore["read"] = async (hash, { from, to }) => {
    this.#checkIsThere();
    const content = this.contents.get(hash);
    return content === undefined ? undefined : new Uint8Array(content.bytes.subarray(from, to));
  };

  readonly unlink: FileStore["unlink"] = async (file) => {
    this.#checkIsThere();
    const hashes = this.#unlink((link) => keyOf(link) === keyOf(file));
    for (const hash of hashes) if (!this.#isLinked(hash)) this.contents.delete(hash);
  };

  readonly erase: FileStore["erase"] = async (conversation, erasures) => {
    this.#checkIsThere();
    const isErased = (link: FileLink): boolean =>
      link.conversation === conversation && erasures.some((erasure) => concerns(erasure, link));
    const hashes = this.#unlink(isErased);
    for (const hash of hashes) if (!this.#isLinked(hash)) this.contents.delete(hash);
  };

  readonly expire: FileStore["expire"] = async (saidBeforeMs) => {
    this.#checkIsThere();
    const hashes = this.#unlink(({ saidAtMs = Infinity }) => saidAtMs < saidBeforeMs);
    for (const hash of hashes) if (!this.#isLinked(hash)) this.contents.delete(hash);
  };

  readonly sweep: FileStore["sweep"] = async (nowMs) => {
    this.#checkIsThere();
    this.#unlink((link) => hasEnded(link, nowMs));
    for (const [hash, { addedAtMs }] of this.contents)
      if (addedAtMs < nowMs - unlinkedMs && !this.#isLinked(hash)) this.contents.delete(hash);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.contents.clear();
  }

  #checkIsThere(): void {
    if (!this.isAway) return;
    this.failures += 1;
    throw new FileStoreError("unavailable", "away");
  }

  #isLinked(hash: string): boolean {
    return [...this.links.values()].some((link) => link.hash === hash);
  }

  #unlink(isRemoved: (link: FileLink & { readonly hash: string }) => boolean): readonly string[] {
    const removed = [...this.links].filter(([, link]) => isRemoved(link));
    for (const [key] of removed) this.links.delete(key);
    return removed.map(([, { hash }]) => hash);
  }
}

function keyOf({ conversation, message = "", name }: FileName): string {
  return JSON.stringify([conversation, message, name]);
}

function hasEnded({ untilMs = Infinity }: FileLink, nowMs: number): boolean {
  return untilMs <= nowMs;
}

function concerns(erasure: FileErasure, link: FileLink): boolean {
  const { message, author, saidAtMs = -Infinity } = link;
  if (erasure.kind === "message") return message === undefined || message === erasure.message;
  if (erasure.kind === "edited")
    return link.saidAtMs === undefined && (message === undefined || message === erasure.message);
  if (saidAtMs >= (erasure.beforeMs ?? Infinity)) return false;
  return erasure.kind === "all" || message === undefined || author === erasure.author;
}
