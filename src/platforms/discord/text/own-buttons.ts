/** Begins the ids of the buttons under Threadkeeper's posts. They are no part of what was said, wherever such a post is read. */
export const ownButtonPrefix = "tk:";
