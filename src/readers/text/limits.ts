const mebibyte = 1_048_576;

/** Bytes of a file. Slides with photos have some 20 MB; OpenAI takes 50 MB for all files of a request. */
export const maxFileBytes = 32 * mebibyte;
/** UTF-16 units of a text: some 50,000 tokens, more than any prompt has room for. */
export const maxChars = 200_000;
/** Pages or slides. Empty ones give no characters, so that `maxChars` alone would not end them. */
export const maxPages = 1_000;
/** Pixels of an image. Larger ones are no photos or screenshots, and take a model's server hundreds of MB to unpack. */
export const maxPixels = 100_000_000;
/** Sides of an image. */
export const maxPixelsOfSide = 20_000;

/** CPU time after which a reading process stops by itself and gives what it has read. A busy machine takes none of it away. */
export const enoughCpuMs = 3_500;
/** The signal by which it ends after too much CPU time. */
export const timeIsOver = "SIGALRM";
/** When it is killed: after so much CPU time, or, however little it could work, because a person waits for the answer. */
export const readingTime = { maxCpuMs: 4_800, maxWaitMs: 20_000 } as const;
/** When it kills itself, should the program be gone that would do it. */
export const selfKillMs = 25_000;

/** The JavaScript heap of a reading process. pdf.js needs 60 MiB for a long document. */
export const maxHeapMib = 256;
/** All of its memory, most of it buffers: a file in it takes three times its size at most. */
export const maxProcessBytes = 512 * mebibyte;

/** A process for each core of a small machine. */
export const maxAtOnce = 2;
/** Their bytes stay in memory while they wait. */
export const maxWaiting = 32;
/** Bytes that may wait together. */
export const maxWaitingBytes = 128 * mebibyte;

/** Bytes that all parts of an office file may unpack to. A sheet with 500,000 rows has as many. */
export const maxUnpackedBytes = 256 * mebibyte;
/** Entries of an archive. A presentation with 300 slides has some 2,000. */
export const maxEntries = 20_000;
/** Elements inside one another. Office files have some 40; HTML that was written by programs, some 200. */
export const maxDepth = 1_000;
