import { closeSync, fstatSync, openSync } from "node:fs";

import { bytesAt, fillFrom } from "./log-frames.ts";

const logHeaderBytes = 32;
const frameHeaderBytes = 24;
/** A read of a frame's header alone costs about as much as one of so many frames. */
const framesPerRead = 16;

/** The beginning of a log. */
export interface LogPart {
  /** The salts of the log's header. SQLite changes them when it restarts the log. */
  readonly salts: string;
  readonly frames: number;
}

/** Of a log that is empty, or not known. */
export const noPart: LogPart = { salts: "", frames: 0 };

interface LoggedPages extends LogPart {
  readonly pages: ReadonlySet<number>;
}

/**
 * The pages in the frames of a log that follow `known`, at most up to frame `last`. With those of transactions that were
 * rolled back or still run.
 */
export function loggedPages(
  logFile: string,
  { pageSize, known, last = Infinity }: { pageSize: number; known: LogPart; last?: number },
): LoggedPages {
  const file = openSync(logFile, "r");
  try {
    const salts = bytesAt(file, 16, 8).toString("latin1");
    const frameBytes = frameHeaderBytes + pageSize;
    const pages = new Set<number>();
    let frames = salts === known.salts ? known.frames : 0;
    const all = Math.min(Math.floor((fstatSync(file).size - logHeaderBytes) / frameBytes), last);
    const buffer = Buffer.alloc(Math.min(framesPerRead, Math.max(all - frames, 0)) * frameBytes);
    while (frames < all) {
      const bytes = buffer.subarray(0, (all - frames) * frameBytes);
      fillFrom(file, logHeaderBytes + frames * frameBytes, bytes);
      for (let at = 0; at < bytes.length; at += frameBytes) {
        if (bytes.toString("latin1", at + 8, at + 16) !== salts) return { salts, frames, pages };
        pages.add(bytes.readUInt32BE(at));
        frames += 1;
      }
    }
    return { salts, frames, pages };
  } finally {
    closeSync(file);
  }
}
