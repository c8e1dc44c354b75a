/** How many pages or slides a file has, and how many of them were begun. */
export interface Pages {
  read: number;
  total: number;
}
