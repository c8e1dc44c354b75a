// Notices that are known by their text, in every store and version.

/** Stands for an answer in memory until the new one exists. The posts show the old answer until the new one grows. */
export const placeholderText = "(I am answering this again.)";

/** A message was edited into a command. */
export const editIsNoCommand =
  "I don't run commands from edited messages, so nothing was done. Please send it as a new message.";
