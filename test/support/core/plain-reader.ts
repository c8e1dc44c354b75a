import type { FileReader } from "../../../src/ports/file-reader.ts";

/** Reads files of plain text, and PNGs; everything else is of an unknown type. */
export const plainReader: FileReader = {
  read: async (bytes, _facts, signal) => {
    signal.throwIfAborted();
    if (Buffer.from(bytes).toString("latin1").startsWith("\x89PNG")) {
      const header = Buffer.from(bytes);
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
