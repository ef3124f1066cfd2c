const address =
  /^(?:(?:hey|hi|hello|ok|okay|so|well)[,!]?\s+(?!(?:there|again|everyone|all)$))?(?:carapace[,:!]?\s+)?/i;
const politeness =
  /^(?:(?:please|kindly|(?:can|could|would|will) you(?: please)?|i want you to|i would like you to)[,]?\s+)/i;

/** Pure. A question without what does not matter: blanks, an address, please, closing punctuation, typographic quotes. */
export function plainText(text: string): string {
  const trimmed = text.trim();
  const flat = trimmed
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, " ")
    .replace(/[?.!,;\s]+$/, "")
    .replace(/,? please$/i, "");
  const bare = flat
    .replace(address, "")
    .replace(politeness, "")
    .replace(/^tell me(?: again)?[,:]? /i, "")
    .replace(/^(what|when|where|who|how)s\b/i, "$1's");
  return bare || flat || trimmed;
}
