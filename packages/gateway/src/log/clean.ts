/**
 * Control characters but LF and TAB, and every code point that draws nothing, looks like a space or turns text around
 * (cli.md §1): first and last of each range.
 */
const invisibleRanges = [
  "0-8 b-1f 7f-a0 ad 34f 600-605 61c 6dd 70f 890-891 8e2 115f-1160 1680 17b4-17b5 180e 2000-200f 2028-202f",
  "205f-2064 2066-206f 3000 3164 fe00-fe0f feff fff9-fffb 110bd 110cd 13430-13443 1bca0-1bca3 1d173-1d17a",
  "e0001 e0020-e007f e0100-e01ef",
]
  .join(" ")
  .split(" ");

const invisible = new RegExp(
  `[${invisibleRanges.map((range) => range.replace(/[0-9a-f]+/g, (hex) => `\\u{${hex}}`)).join("")}]`,
  "gu",
);

/** Drops characters that could hide or split a word in a log line; runs before secrets are looked for (state.md §10). */
export function dropInvisible(text: string): string {
  return text.replace(invisible, "");
}
