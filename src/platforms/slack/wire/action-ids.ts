/** Begins the ids of all our elements. They are no part of what was said, wherever such a post is read. */
export const ownActionPrefix = "threadkeeper_";
/** The menu under a post. */
export const menuAction = "threadkeeper_menu";
/** A button under a post; a number follows. */
export const buttonAction = "threadkeeper_press_";
/** The pair of feedback buttons under a post. */
export const feedbackAction = "threadkeeper_feedback";
/** In the Home tab. */
export const homeActions = {
  forget: "threadkeeper_home_forget",
  help: "threadkeeper_home_help",
  export: "threadkeeper_home_export",
  language: "threadkeeper_home_language",
  length: "threadkeeper_home_length",
} as const;
