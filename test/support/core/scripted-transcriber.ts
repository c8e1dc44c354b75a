import type { Recording, Transcriber, Transcript } from "../../../src/ports/transcriber.ts";

/** Hears what a test says, and records what it was given. */
export class ScriptedTranscriber implements Transcriber {
  readonly name = "scripted-ears";
  readonly recordings: Recording[] = [];
  /** May wait, and throw. */
  script: (recording: Recording, signal: AbortSignal) => Promise<Transcript> | Transcript;

  /** By default, what the bytes hold in words between "say:" and a full stop. */
  constructor(script: ScriptedTranscriber["script"] = wordsIn) {
    this.script = script;
  }

  readonly transcribe: Transcriber["transcribe"] = async (recording, signal) => {
    signal.throwIfAborted();
    this.recordings.push(recording);
    return this.script(recording, signal);
  };
}

function wordsIn({ bytes }: Recording): Transcript {
  const [, text = ""] = /say:([^.]*)/u.exec(Buffer.from(bytes).toString("latin1")) ?? [];
  return { text: Buffer.from(text, "latin1").toString("utf8") };
}
