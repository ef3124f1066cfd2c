/** Pure. What is said to a text that is too long for any question. */
export function floodSay(length: number): string {
  return `That was ${length} characters, more than any answer here has: nothing of it was taken.`;
}
