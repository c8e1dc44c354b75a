import { TimeLimit } from "../../async/time-limit.ts";
import type { AudioType } from "../../domain/audio.ts";
import type { Payer } from "../../domain/prompt.ts";
import type { WhyUnread } from "../../domain/unread-file.ts";
import type { TextOfFile } from "../../ports/file-reader.ts";
import type { FileName } from "../../ports/file-store.ts";
import { ModelError, type ModelErrorKind } from "../../ports/model.ts";
import type { Transcriber, Transcript } from "../../ports/transcriber.ts";
import {
  keptMs,
  nameInStore,
  orWithoutStore,
  type FileOfMessage,
  type FilePorts,
} from "../files/read-file.ts";
import { Bill, isFree, type BillingPorts } from "../usage/bill.ts";
import { LimitError } from "../usage/limits.ts";

/** Failures that lie in the recording. */
const whyUnheard: Readonly<Partial<Record<ModelErrorKind, WhyUnread>>> = {
  rejected: "broken",
  "context-too-long": "too-large",
  stalled: "timed-out",
  "out-of-time": "timed-out",
};

/** What listening to recordings needs. */
export interface ListeningPorts extends FilePorts, BillingPorts {
  /** Missing: recordings are not transcribed. */
  readonly transcriber?: Transcriber;
}

/** What is said in a recording. */
export interface Spoken extends TextOfFile {
  readonly isSpeech: true;
}

/** A recording that was read. */
interface ReadRecording {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly name: string;
  readonly mediaType: AudioType;
}

/** For all recordings of a turn. One of five minutes takes 30 to 60 s. */
const deadlineMs = 180_000;
/** A second of speech has some 4,000 bytes and 10 tokens. The real usage is settled afterwards. */
const bytesPerToken = 400;
const maxTranscriptBytes = 1_048_576;

/**
 * Has recordings transcribed, for one turn. No sound is kept: the stored bytes are removed as soon as it is known what is said, or
 * that it can't be known. The transcript is stored in their place, for the next try of a turn that is cut off.
 */
export class RecordingListener {
  readonly #ports: ListeningPorts;
  readonly #payer: Payer;
  readonly #signal: AbortSignal;
  #leftMs: number;

  /** `isStopped`: only what was heard before is known. */
  constructor(ports: ListeningPorts, payer: Payer, signal: AbortSignal, isStopped = false) {
    this.#leftMs = isStopped ? 0 : deadlineMs;
    this.#ports = ports;
    this.#payer = payer;
    this.#signal = signal;
  }

  /** What an earlier try of this turn heard. Undefined: nothing is known. */
  async heardBefore(file: FileOfMessage): Promise<Spoken | WhyUnread | undefined> {
    const { files, clock, transcriber } = this.#ports;
    if (transcriber === undefined) return undefined;
    return orWithoutStore(
      this.#ports,
      async () => {
        const stored = await files.find(transcriptOf(file), clock.nowMs(), this.#signal);
        if (stored === undefined) return undefined;
        const whole = { from: 0, to: Math.min(stored.sizeBytes, maxTranscriptBytes) };
        const bytes = await files.read(stored.hash, whole, this.#signal);
        // That try may have been cut off before it did so.
        await this.#removeSound(file, true);
        return bytes && asText(new TextDecoder().decode(bytes));
      },
      this.#signal,
    );
  }

  /** What is said in it, or why that is not known. @throws the turn's signal's reason, {StoreError} */
  async hear(file: FileOfMessage, recording: ReadRecording): Promise<Spoken | WhyUnread> {
    const heard = await this.#transcribe(recording);
    await orWithoutStore(this.#ports, () => this.#forgetSound(file, heard), this.#signal);
    return typeof heard === "string" ? heard : asText(heard.text);
  }

  /** Removes a recording that was not read: nothing will listen to it any more. */
  async giveUp(file: FileOfMessage): Promise<void> {
    if (this.#ports.transcriber === undefined) return;
    await orWithoutStore(this.#ports, () => this.#removeSound(file, true), this.#signal);
  }

  async #transcribe(recording: ReadRecording): Promise<Transcript | WhyUnread> {
    const { transcriber, clock, log } = this.#ports;
    if (transcriber === undefined) return "no-hearing";
    if (this.#leftMs <= 0) return "timed-out";
    const startedAtMs = clock.nowMs();
    using limit = new TimeLimit(this.#leftMs, this.#signal);
    try {
      return await this.#transcribeForPayer(transcriber, recording, limit.signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof LimitError) return "over-limit";
      if (!(error instanceof ModelError) && !limit.signal.aborted) throw error;
      const kind = error instanceof ModelError && !limit.signal.aborted ? error.kind : "out-of-time";
      log.error(
        { err: error, kind, model: transcriber.name },
        "a recording was not transcribed; the person is told",
      );
      return whyUnheard[kind] ?? "unheard";
    } finally {
      this.#leftMs -= clock.nowMs() - startedAtMs;
    }
  }

  /** @throws {LimitError}, {ModelError}, {StoreError}, or the signal's reason. */
  async #transcribeForPayer(
    transcriber: Transcriber,
    recording: ReadRecording,
    signal: AbortSignal,
  ): Promise<Transcript> {
    const tokens = Math.ceil(recording.bytes.length / bytesPerToken);
    const bill = await Bill.open(this.#ports, this.#payer, { tokens, turns: 0 }, signal);
    try {
      const transcript = await transcriber.transcribe(recording, signal);
      bill.settle(transcript.usage, transcript.text.length);
      return transcript;
    } catch (error) {
      if (error instanceof ModelError && isFree(error)) bill.refund();
      throw error;
    }
  }

  async #forgetSound(file: FileOfMessage, heard: Transcript | WhyUnread): Promise<void> {
    const { files, clock } = this.#ports;
    try {
      if (typeof heard === "string") return;
      const { hash } = await files.put(new TextEncoder().encode(heard.text), this.#signal);
      const untilMs = clock.nowMs() + keptMs;
      await files.link(
        { ...transcriptOf(file), author: file.message.author.id, untilMs },
        hash,
        this.#signal,
      );
    } finally {
      await this.#removeSound(file, heard !== "no-hearing");
    }
  }

  /** `everywhere`: also where its platform keeps it for us. Without a model that listens, it is a file as any other. */
  async #removeSound(file: FileOfMessage, everywhere: boolean): Promise<void> {
    const { files, platforms } = this.#ports;
    await files.unlink(soundOf(file), this.#signal);
    if (everywhere) await platforms.get(file.ref.platform)?.removeFile?.(file.ref, this.#signal);
  }
}

function soundOf({ conversation, message, ref }: FileOfMessage): FileName {
  return { conversation, message: message.id, name: nameInStore(ref) };
}

function transcriptOf(file: FileOfMessage): FileName {
  return { ...soundOf(file), name: `${nameInStore(file.ref)}/transcript` };
}

function asText(transcript: string): Spoken | WhyUnread {
  const text = transcript.trim();
  return text === "" ? "silent" : { kind: "text", text, isCut: false, isSpeech: true };
}
