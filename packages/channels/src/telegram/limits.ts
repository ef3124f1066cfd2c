/** Of a message, in UTF-16 units (channels.md §1.1). */
export const maxTextChars = 4096;
export const maxCaptionChars = 1024;
/** channels.md §3. */
export const maxMediaBytes = 50 * 1024 * 1024;
