/** The menu under a post. */
export const menuAction = "threadkeeper_menu";
/** A button under a post; a number follows. */
export const buttonAction = "threadkeeper_press_";
