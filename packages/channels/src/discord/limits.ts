/** Of a message, in UTF-16 units (channels.md §1.1); a text beside a file is one too. */
export const maxTextChars = 2000;
/** channels.md §4. */
export const maxMediaBytes = 25 * 1024 * 1024;
/** Discord knows a nonce for "the past few minutes": the fewest that this can mean. */
export const dedupesForMs = 120_000;
/** No limit on messages is longer: what says so is wrong, or the clock was set back since. */
export const maxLimitMs = 3_600_000;
