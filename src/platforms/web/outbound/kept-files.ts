const keptMs = 10 * 60_000;
/** Of all files together, in UTF-16 code units: beyond it the oldest go. */
const mostKeptChars = 16 * 1024 * 1024;

interface KeptFile {
  readonly text: string;
  usedAtMs: number;
}

/** The files that this replica has for others, until nobody has asked for ten minutes. */
export class KeptFiles {
  /** Used last stands last. */
  readonly #files = new Map<string, KeptFile>();

  keep(file: string, text: string, nowMs: number): void {
    this.#files.set(file, { text, usedAtMs: nowMs });
    let chars = [...this.#files.values()].reduce((sum, each) => sum + each.text.length, 0);
    for (const [id, each] of this.#files) {
      if (id === file || chars <= mostKeptChars) break;
      chars -= each.text.length;
      this.#files.delete(id);
    }
  }

  read(file: string, nowMs: number): string | undefined {
    const kept = this.#files.get(file);
    if (kept === undefined) return undefined;
    kept.usedAtMs = nowMs;
    this.#files.delete(file);
    this.#files.set(file, kept);
    return kept.text;
  }

  forgetOld(nowMs: number): void {
    for (const [file, { usedAtMs }] of this.#files) if (nowMs - usedAtMs > keptMs) this.#files.delete(file);
  }
}
