/**
 * Why the text of a file was not read. `login-page`: the platform sent a page in place of the file. `empty`: it has no text,
 * such as a scan. `forbidden`: the app lacks the right. `gone`: it was deleted. `unavailable`: the platform did not send it. `too-many`: more files than
 * are read at once. `no-sight`: the model takes no images. `no-hearing`: no model is set that listens. `silent`: a recording
 * without speech. `refused`: the provider of the model rejected the image. `unheard`: the model that listens failed. `over-limit`: a daily limit is reached.
 */
export type WhyUnread = keyof typeof whyUnread;

/** The reasons, as people and models read them. Each completes "I couldn't read it: …". */
export const whyUnread = {
  encrypted: "it is protected with a password",
  broken: "it is damaged, or not what its name says",
  "too-large": "it is too large",
  "login-page": "I was sent a login page in its place",
  "unknown-type": "I can't read files of this type",
  "timed-out": "reading it took too long",
  empty: "there is no text in it",
  forbidden: "I have no access to it",
  gone: "it is no longer there",
  unavailable: "I can't get it at the moment",
  "too-many": "these are more files than I read at once",
  "no-sight": "the model that I use can't see images",
  "no-hearing": "I can't listen to recordings here",
  silent: "I heard no words in it",
  unheard: "I can't listen to it at the moment",
  refused: "the provider of the model did not accept it",
  "over-limit": "today's limit for listening is used up",
} as const;
