import type { FileReader } from "../../../src/ports/file-reader.ts";

/** Reads files of plain text, PNGs, and recordings in Ogg; everything else is of an unknown type. */
export const plainReader: FileReader = {
  read: async (bytes, _facts, signal) => {
    signal.throwIfAborted();
    const header = Buffer.from(bytes);
    const start = header.toString("latin1", 0, 5);
    if (start === "OggS\0") return { kind: "audio", mediaType: "audio/ogg" };
    if (start.startsWith("\x89PNG")) {
      return {
        kind: "image",
        mediaType: "image/png",
        width: header.readUInt32BE(16),
        height: header.readUInt32BE(20),
      };
    }
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return text.trim() === "" ? { kind: "unreadable", why: "empty" } : { kind: "text", text, isCut: false };
    } catch {
      return { kind: "unreadable", why: "unknown-type" };
    }
  },
};
