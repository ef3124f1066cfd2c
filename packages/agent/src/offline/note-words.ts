/** A fact as it goes into the notes. */
export interface Fact {
  readonly key: string;
  /** What it is about, as it was said. */
  readonly name: string;
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
  const statement = (told ?? text).replace(/^my name's /i, "my name is ");
  const mine = new RegExp(`^my (.{1,60}?) ${called} (.+)$`, "i").exec(statement);
  if (mine !== null) return fact(mine[1], mine[2], true);
  const name = /^(?:i am called|i'm called|call me|you can call me) (.+)$/i.exec(statement)?.[1];
  if (name !== undefined) return fact("name", name, true);
  if (told === undefined) return undefined;
  const about = new RegExp(`^(?:the|our) (.{1,60}?) ${called} (.+)$`, "i").exec(told);
  if (about !== null) return fact(about[1], about[2], false);
  const bare = told.replace(/^to /i, "");
  return fact(bare.split(" ").slice(0, 6).join(" "), bare, false);
}

function fact(name = "", value = "", isMine = false): Fact {
  return { key: noteKey(name), name, value, isMine };
}

/** What the notes are asked for. */
export interface Subject {
  readonly key: string;
  /** As it was asked. */
  readonly name: string;
  /** True when the question can only be about the user or the notes: "what is my name". */
  readonly isMine: boolean;
}

/** Pure. What a question such as "what is my name" asks the notes for. */
export function subjectIn(text: string): Subject | undefined {
  if (/^(?:who am i|what am i called|do you know who i am)$/i.test(text)) return subject("name", true);
  const mine =
    /^(?:what|who|when|where)(?:'s| is| are| was) (?:my|our) (.+?)(?: called| named| again)?$/i.exec(
      text,
    )?.[1] ??
    /^what(?:'s| is) the name of (?:my|our) (.+)$/i.exec(text)?.[1] ??
    /^(?:do you (?:know|remember)|what do you (?:know|remember) about) (?:my |our |the )?(?!me$)(.+)$/i.exec(
      text,
    )?.[1];
  if (mine !== undefined) return subject(mine, true);
  const other = /^(?:what|when|where)(?:'s| is) the (.+?)(?: again)?$/i.exec(text)?.[1];
  return other === undefined ? undefined : subject(other, false);
}

function subject(name: string, isMine: boolean): Subject {
  return { key: noteKey(name), name, isMine };
}

const spellings: readonly (readonly [RegExp, string])[] = [
  [/'s name$/, ""],
  [/'/g, ""],
  [/favou?rite/g, "favorite"],
  [/colou?r/g, "color"],
];

/** Pure. A note's key: lower case, plain words, spelt one way: "my dog's name" is what "my dog" is called. */
export function noteKey(words: string): string {
  let plain = words.toLowerCase();
  for (const [pattern, spelling] of spellings) plain = plain.replace(pattern, spelling);
  plain = plain
    .replace(/[^\p{L}\p{N}\s._-]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain.slice(0, 80).trim() || "note";
}
