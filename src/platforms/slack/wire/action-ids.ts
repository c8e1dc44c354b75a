/** The menu under a post. */
export const menuAction = "threadkeeper_menu";
/** A button under a post; a number follows. */
export const buttonAction = "threadkeeper_press_";
/** The pair of feedback buttons under a post. */
export const feedbackAction = "threadkeeper_feedback";
