import type { AudioType } from "../../domain/audio.ts";
import type { AudioInFile } from "../../ports/file-reader.ts";
import { flacHasSound } from "../audio/flac.ts";
import { hasFrames, hasFramesAfter, id3BytesOf } from "../audio/mp3.ts";
import { isMp4, mp4HasSound } from "../audio/mp4.ts";
import { oggHasSound } from "../audio/ogg.ts";
import { wavHasSound } from "../audio/wav.ts";
import { isWebm, webmHasSound } from "../audio/webm.ts";
import { Unreadable } from "../text/unreadable.ts";

/** The kind of recording that a file begins as. Undefined: none. */
export function audioTypeOf(bytes: Buffer): AudioType | undefined {
  const start = bytes.toString("latin1", 0, 12);
  // Zeros, which no text has, follow the names.
  if (start.startsWith("OggS\0")) return "audio/ogg";
  if (/^fLaC[\0\x80]\0\0/u.test(start)) return "audio/flac";
  if (/^(?:RIFF|RF64).{4}WAVE$/su.test(start)) return "audio/wav";
  if (start.startsWith("\x1a\x45\xdf\xa3")) return isWebm(bytes) ? "audio/webm" : undefined;
  if (isMp4(bytes)) return "audio/mp4";
  return id3BytesOf(bytes) !== undefined || hasFrames(bytes, 0) ? "audio/mpeg" : undefined;
}

/** Checks that a recording has sound, and what a player needs to begin. @throws {Unreadable} */
export function readAudio(bytes: Buffer, mediaType: AudioType): AudioInFile {
  const hasSound = soundIn(bytes, mediaType);
  if (hasSound === undefined) throw new Unreadable("broken");
  if (!hasSound) throw new Unreadable("silent");
  return { kind: "audio", mediaType };
}

function soundIn(bytes: Buffer, mediaType: AudioType): boolean | undefined {
  switch (mediaType) {
    case "audio/mp4":
      return mp4HasSound(bytes);
    case "audio/webm":
      return webmHasSound(bytes);
    case "audio/ogg":
      return oggHasSound(bytes) || undefined;
    case "audio/wav":
      return wavHasSound(bytes) || undefined;
    case "audio/flac":
      return flacHasSound(bytes) || undefined;
    case "audio/mpeg":
      return hasFramesAfter(bytes, id3BytesOf(bytes) ?? 0) || undefined;
  }
}
