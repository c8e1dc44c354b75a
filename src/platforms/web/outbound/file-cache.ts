const retentionMs = 10 * 60_000;
/** For all files together, in UTF-16 code units; the oldest are dropped. */
const maxCachedChars = 16 * 1024 * 1024;

interface CachedFile {
  readonly text: string;
  usedAtMs: number;
}

/** Files that other replicas may fetch from this one, until ten minutes after the last request. */
export class FileCache {
  /** Least recently used first. */
  readonly #files = new Map<string, CachedFile>();

  add(file: string, text: string, nowMs: number): void {
    this.#files.set(file, { text, usedAtMs: nowMs });
    let chars = [...this.#files.values()].reduce((sum, each) => sum + each.text.length, 0);
    for (const [id, each] of this.#files) {
      if (id === file || chars <= maxCachedChars) break;
      chars -= each.text.length;
      this.#files.delete(id);
    }
  }

  get(file: string, nowMs: number): string | undefined {
    const cached = this.#files.get(file);
    if (cached === undefined) return undefined;
    cached.usedAtMs = nowMs;
    this.#files.delete(file);
    this.#files.set(file, cached);
    return cached.text;
  }

  dropOld(nowMs: number): void {
    for (const [file, { usedAtMs }] of this.#files)
      if (nowMs - usedAtMs > retentionMs) this.#files.delete(file);
  }
}
