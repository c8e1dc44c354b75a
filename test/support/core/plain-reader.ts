import type { FileReader } from "../../../src/ports/file-reader.ts";

/** Reads files of plain text; everything else is of an unknown type. */
export const plainReader: FileReader = {
  read: async (bytes, _facts, signal) => {
    signal.throwIfAborted();
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return text.trim() === "" ? { kind: "unreadable", why: "empty" } : { kind: "text", text, isCut: false };
    } catch {
      return { kind: "unreadable", why: "unknown-type" };
    }
  },
};
