/** What a keyboard sends. */
export const enter = "\r";
export const back = "\x1b";
export const interrupt = "\x03";
export const endOfInput = "\x04";
export const down = (times: number): string => "\x1b[B".repeat(times);
/** As a terminal marks it. */
export const pasted = (text: string): string => `\x1b[200~${text}\x1b[201~`;
