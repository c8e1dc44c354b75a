/** The kinds of recordings that are recognised. Those of `mp4` and `webm` may have pictures, too. */
export const audioTypes = [
  "audio/ogg",
  "audio/mpeg",
  "audio/wav",
  "audio/flac",
  "audio/mp4",
  "audio/webm",
] as const;

/** The kind of a recording. */
export type AudioType = (typeof audioTypes)[number];
