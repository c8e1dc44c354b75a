/** Nothing could be stored. */
export const outage = "I can't reach my memory right now. Please try again in a few minutes.";
/** A command or press in a conversation that the bot is not in. */
export const notHere = "I'm not in that thread yet. Mention me there first.";
/** Slack did not open the form of a shortcut. */
export const formNotOpened = "I couldn't open the form. Please try again.";
/** A form of a version that wrote it in another way, or of a workspace that is not known now. */
export const formUnreadable = "I couldn't read this form. Please close it and try again.";
/** A thumb was stored. */
export const thanks = "Thanks for the feedback.";
