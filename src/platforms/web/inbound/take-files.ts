import type { CommandDefinition } from "../../../domain/command.ts";
import type { TakenFiles, Uploads } from "../files/uploads.ts";
import { looksLikeCommand } from "../history/looks-like-command.ts";
import type { ClientFrame, ErrorCode } from "../wire/protocol.ts";

/** Why a message with files is not taken. */
interface FilesFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** The uploads that it is about. */
  readonly files?: readonly string[];
}

interface TakePorts {
  readonly uploads: Uploads;
  readonly commands: readonly CommandDefinition[];
}

const withCommand = "A command takes no files. Send the file with a message instead.";
const gone = "I no longer have a file of this message: it was attached too long ago. Please attach it again.";
const none: TakenFiles = { attachments: [], keep: async () => undefined };

/** The files that a frame brings along. A fault changes nothing: they can be sent again. @throws {FileStoreError} */
export async function takeFiles(
  { uploads, commands }: TakePorts,
  frame: ClientFrame,
  { user, nowMs: saidAtMs }: { readonly user: string; readonly nowMs: number },
  signal: AbortSignal,
): Promise<TakenFiles | FilesFault> {
  const files = frame.type === "say" ? (frame.files ?? []) : [];
  if (frame.type !== "say" || files.length === 0) return none;
  const { id, conversation, text } = frame;
  // It never becomes a message, with which the files would be erased.
  if (looksLikeCommand(text, commands)) return { code: "file-with-command", message: withCommand };
  const taken = await uploads.take({ user, conversation }, { id, saidAtMs, files }, signal);
  return "missing" in taken ? { code: "file-gone", message: gone, files: taken.missing } : taken;
}
