/** dragType marks what is dragged within the program: a resource's id. */
export const dragType = "application/x-sextant-resource";
