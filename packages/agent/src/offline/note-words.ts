/** A fact as it goes into the notes. */
export interface Fact {
  readonly key: string;
  readonly value: string;
  /** True when it is about the user: "my name is Ada". */
  readonly isMine: boolean;
}

const called = "(?:is called|are called|is named|are named|is|are|was|=)";
const asked =
  "(?:please )?(?:remember|memori[sz]e|note|keep in mind|don't forget|do not forget|make a note|write down)";

/** Pure. The fact in "remember that …", "my name is …", "call me …"; undefined if the text states none. */
export function factIn(text: string): Fact | undefined {
  const told = new RegExp(`^${asked}(?: down)?(?: that| this)?[,:]? (.+)$`, "i").exec(text)?.[1];
  const statement = told ?? text;
  const mine = new RegExp(`^my (.{1,60}?) ${called} (.+)$`, "i").exec(statement);
  if (mine !== null) return { key: noteKey(mine[1]), value: mine[2] ?? "", isMine: true };
  const name = /^(?:i am called|i'm called|call me|you can call me) (.+)$/i.exec(statement)?.[1];
  if (name !== undefined) return { key: "name", value: name, isMine: true };
  if (told === undefined) return undefined;
  const about = new RegExp(`^(?:the|our) (.{1,60}?) ${called} (.+)$`, "i").exec(told);
  if (about !== null) return { key: noteKey(about[1]), value: about[2] ?? "", isMine: false };
  return {
    key: noteKey(told.replace(/^to /i, "").split(" ").slice(0, 6).join(" ")),
    value: told,
    isMine: false,
  };
}

/** What the notes are asked for. */
export interface Subject {
  readonly key: string;
  /** True when the question can only be about the user or the notes: "what is my name". */
  readonly isMine: boolean;
}

/** Pure. What a question such as "what is my name" asks the notes for. */
export function subjectIn(text: string): Subject | undefined {
  if (/^(?:who am i|what am i called|do you know who i am)$/i.test(text))
    return { key: "name", isMine: true };
  const mine =
    /^(?:what|who|when|where)(?:'s| is| are| was) (?:my|our) (.+?)(?: called| named| again)?$/i.exec(
      text,
    )?.[1] ??
    /^(?:do you (?:know|remember)|what do you (?:know|remember) about) (?:my |our |the )?(?!me$)(.+)$/i.exec(
      text,
    )?.[1];
  if (mine !== undefined) return { key: noteKey(mine), isMine: true };
  const other = /^(?:what|when|where)(?:'s| is) the (.+?)(?: again)?$/i.exec(text)?.[1];
  return other === undefined ? undefined : { key: noteKey(other), isMine: false };
}

/** Pure. A note's key: lower case, plain words. */
export function noteKey(words: string | undefined): string {
  const plain = (words ?? "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s._-]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain.slice(0, 80).trim() || "note";
}
