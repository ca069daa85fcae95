/** SHOWN is how many entries each list of the start page has. */
export const SHOWN = 8;
