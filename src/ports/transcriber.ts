import type { Usage } from "../domain/token-usage.ts";

/** Recorded speech, as it came from a platform. */
export interface Recording {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its ending tells the format where the media type does not. It is not sent. */
  readonly name: string;
  /** As the content or the platform tells it. */
  readonly mediaType: string;
}

/** What was said in a recording. */
export interface Transcript {
  /** Trimmed. Empty: no speech was heard. */
  readonly text: string;
  /** Missing: the provider counts no tokens. */
  readonly usage?: Usage;
}

/** A model that writes down what is said. */
export interface Transcriber {
  readonly name: string;
  /** Tries a few times by itself, within its deadline. @throws {ModelError}, or the signal's reason. */
  readonly transcribe: (audio: Recording, signal: AbortSignal) => Promise<Transcript>;
}
