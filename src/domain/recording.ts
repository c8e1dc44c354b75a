/** The largest recording that is transcribed: providers take 25 MiB, with the form around it. */
export const maxRecordingBytes = 25_000_000;
