/** A press asked for another answer, which failed for this reason. */
export function oldAnswerStays(why: string): string {
  return `${why}\n\nThe earlier answer stays as it was.`;
}

/** A person pressed a button under an answer that left the window, or was changed since. */
export const answerIsTooOld =
  "That answer is too far back for me to change it, or it was changed already. Please ask again.";

/** The bot takes no part in the place any more. */
export const answersAreOff = "I'm switched off here, so I can't answer this again.";

/** A person pressed a button under an answer that another person asked for. */
export const notYourAnswer =
  "Only the person who asked, or someone who may delete messages here, can have this answered again.";
