import { completeExcerpt } from "../../domain/excerpt.ts";
import type { Attachment, Message } from "../../domain/message.ts";
import type { Platform } from "../../ports/platform.ts";
import { limitMessage } from "../text/limit-message.ts";
import type { TurnPorts } from "./turn-ports.ts";

const maxFiles = 5;
const maxBytes = 64 * 1_024;
const deadlineMs = 5_000;

/**
 * Completes texts of files that their platform shows cut off. Where a file can't be read in time, or is longer than a prompt
 * should carry, the text stays as it is: no answer depends on a file.
 */
export async function completeExcerpts(
  { platforms, log }: Pick<TurnPorts, "platforms" | "log">,
  said: readonly Message[],
  signal: AbortSignal,
): Promise<readonly Message[]> {
  if (!said.some(({ attachments }) => attachments.some(isCut))) return said;
  const within = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const completed: Message[] = [];
  let left = maxFiles;
  for (const message of said) {
    let { text } = message;
    for (const { ref } of message.attachments.filter(isCut).slice(0, left)) {
      left -= 1;
      const readFile = platforms.get(ref.platform)?.readFile;
      if (readFile === undefined) continue;
      try {
        text = completeExcerpt(text, decode(await readFile(ref, maxBytes, within)));
      } catch (error) {
        signal.throwIfAborted();
        log.info({ err: error }, "a file was not read; the answer uses what the platform shows of it");
      }
    }
    completed.push(text === message.text ? message : limitMessage({ ...message, text }));
  }
  return completed;
}

type CutFile = Attachment & Required<Pick<Attachment, "ref">>;

function isCut(file: Attachment): file is CutFile {
  return file.isCut === true && file.ref !== undefined;
}

/** @throws {TypeError} if the bytes are no UTF-8 text. */
function decode(bytes: Awaited<ReturnType<NonNullable<Platform["readFile"]>>>): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
