/** base is the path below which the server answers, with a slash at either end. */
export const base = document.documentElement.dataset["base"] ?? "/";
