import type { Recording } from "../../../ports/transcriber.ts";

/**
 * Media types, by the ending that providers expect of them. They refuse a recording whose name does not end so.
 * https://developers.openai.com/api/docs/guides/speech-to-text
 */
const endings: readonly (readonly [ending: string, types: readonly string[]])[] = [
  ["flac", ["audio/flac", "audio/x-flac"]],
  ["mp3", ["audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3"]],
  ["mp4", ["audio/mp4", "video/mp4", "video/quicktime"]],
  ["mpeg", ["video/mpeg"]],
  ["mpga", ["audio/mpga"]],
  ["m4a", ["audio/m4a", "audio/x-m4a"]],
  ["ogg", ["audio/ogg", "audio/opus", "audio/x-opus", "audio/vorbis", "application/ogg", "video/ogg"]],
  ["wav", ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"]],
  ["webm", ["audio/webm", "video/webm"]],
];
/** Endings that people's files have for the same formats. */
const otherEndings: Readonly<Record<string, string>> = {
  oga: "ogg",
  opus: "ogg",
  mov: "mp4",
  m4b: "m4a",
  wave: "wav",
};

/** The name and the media type to send, which agree. Undefined: providers do not take this format. */
export function sentFormat({
  name,
  mediaType,
}: Pick<Recording, "name" | "mediaType">): { readonly name: string; readonly type: string } | undefined {
  const declared = mediaType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const ending = /\.(\w{1,8})$/u.exec(name)?.[1]?.toLowerCase() ?? "";
  const found =
    endings.find(([, types]) => types.includes(declared)) ??
    endings.find(([each]) => each === (otherEndings[ending] ?? ending));
  if (found === undefined) return undefined;
  const [sent, [type = ""]] = found;
  return { name: `recording.${sent}`, type };
}
