/** An e-mail address, a Matrix id, a telephone number with its country. */
const person =
  /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|@[\w.=/+-]{1,255}:[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\+\d[\d ()-]{5,18}\d/g;

/** Pure. A report without people's addresses, and with `~` for the owner's home, whose name is often theirs. */
export function withoutPeople(value: unknown, home: string | undefined): unknown {
  const withTilde = (text: string): string =>
    home === undefined || home.length < 2 ? text : text.replaceAll(home, "~");
  return mapped(value, (text) => withTilde(text).replace(person, "(a person)"));
}

/** Pure. A configuration without what its owner wrote in sentences: a prompt may say anything of them. */
export function withoutSentences(value: unknown): unknown {
  const isSentence = (text: string): boolean => text.trim().split(/\s+/, 4).length === 4;
  return mapped(value, (text) => (isSentence(text) ? `(a text of ${text.length} characters)` : text));
}

function mapped(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [change(name), mapped(item, change)]),
  );
}
