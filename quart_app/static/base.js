/** Where Headway is on its site, by where its scripts are: "" or, for example, "/jobs". */
export const BASE = new URL("..", import.meta.url).pathname.slice(0, -1);
