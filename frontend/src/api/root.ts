/** ROOT is the folder without a parent. In addresses it is called "root". */
export const ROOT = "00000000-0000-7000-8000-000000000000";
