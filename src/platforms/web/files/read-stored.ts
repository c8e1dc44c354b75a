import { FileStoreError, type FileStore, type StoredFile } from "../../../ports/file-store.ts";

const readBytes = 256 * 1_024;

/** The bytes of stored files, one after the other. @throws {FileStoreError} also if they were erased in the meantime. */
export async function* readStored(
  files: FileStore,
  parts: readonly StoredFile[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const { hash, sizeBytes } of parts) {
    for (let from = 0; from < sizeBytes; from += readBytes) {
      const bytes = await files.read(hash, { from, to: from + readBytes }, signal);
      if (bytes === undefined) throw new FileStoreError("unavailable", "The file was erased");
      yield bytes;
    }
  }
}
