import { isRecord } from "@carapace/protocol";
import { type Fact, factIn, noteKey, type Subject, subjectIn } from "./note-words.ts";
import { answerOf, field, type Move, type PlannedCall, type Skill, type ToolAnswer } from "./question.ts";
import { unknownText } from "./texts.ts";

const maxShown = 20;

/** "Remember that …", "my name is …" */
export const rememberSkill: Skill = {
  understand(text) {
    const fact = factIn(text);
    return fact === undefined ? undefined : (results) => remember(fact, results);
  },
};

function remember(fact: Fact, results: readonly ToolAnswer[]): Move {
  const { key, name, value } = fact;
  if (answerOf(results, "memory_write") === undefined)
    return { use: [{ name: "memory_write", input: { key, value } }] };
  if (fact.isMine && key === "name") return { say: `Nice to meet you, ${value}. I will remember your name.` };
  return { say: fact.isMine ? `Noted: your ${name} is ${value}.` : `Noted under "${key}": ${value}.` };
}

/** "What do you remember?" */
export const recallAllSkill: Skill = {
  understand(text) {
    const asks =
      /^(?:what (?:do|can|did) you (?:remember|know)(?: about me)?|what have you remembered|(?:(?:list|show|read)(?: me)?(?: all)?(?: my| your| the)? )?(?:notes|memories|memory)|what did i (?:tell|ask) you(?: to remember)?)$/i;
    return asks.test(text) ? recallAll : undefined;
  },
};

function recallAll(results: readonly ToolAnswer[]): Move {
  const list = answerOf(results, "memory_list");
  if (list === undefined) return { use: [{ name: "memory_list", input: {} }] };
  const keys = textsIn(field(list, "keys"));
  if (keys.length === 0)
    return { say: 'I have no notes yet. Tell me, for example, "remember that my dog is called Rex".' };
  const shown = keys.slice(0, maxShown);
  const read = results.filter((result) => result.name === "memory_read");
  if (read.length === 0)
    return { use: shown.map((key): PlannedCall => ({ name: "memory_read", input: { key } })) };
  const lines = shown.map((key, index) => `- ${key}: ${textIn(field(read[index], "value"))}`);
  const more = keys.length > maxShown ? `\n…and ${keys.length - maxShown} more.` : "";
  return { say: `This is what I remember:\n${lines.join("\n")}${more}` };
}

/** "What is my name?" */
export const recallSkill: Skill = {
  understand(text) {
    const subject = subjectIn(text);
    return subject === undefined ? undefined : (results) => recall(subject, results);
  },
};

function recall({ key, name, isMine }: Subject, results: readonly ToolAnswer[]): Move {
  const read = answerOf(results, "memory_read");
  if (read === undefined) {
    const search = { name: "memory_search", input: { query: key, limit: 5 } };
    return { use: [{ name: "memory_read", input: { key } }, search] };
  }
  const value = field(read, "value");
  if (typeof value === "string") return { say: `${isMine ? "Your" : "The"} ${name} is ${value}.` };
  // The names of others are no answer to "what is my name".
  const notes = key === "name" ? [] : notesIn(answerOf(results, "memory_search"));
  if (notes.length > 0) return { say: ["I have this in my notes:", ...notes.map(noteLine)].join("\n") };
  // "What is the …" may be a question to the whole world.
  if (!isMine) return { say: unknownText };
  return {
    say: `I have no note about "${name}". Tell me, for example, "my ${name} is …", and I will remember it.`,
  };
}

function noteLine(note: { key: string; value: string }): string {
  return `- ${note.key}: ${note.value}`;
}

/** "Forget my name." */
export const forgetSkill: Skill = {
  understand(text) {
    const found =
      /^(?:forget|erase|delete|drop|remove)(?: about)?(?: that)?(?:(?: my| the)? note(?: about| on)?)?(?: my| our| the)? (.+)$/i.exec(
        text,
      )?.[1];
    if (found === undefined) return undefined;
    if (/^(?:everything|all|it all|me)\b/i.test(found)) return () => ({ say: oneByOne });
    if (/^(?:it|that|this)$/i.test(found)) return () => ({ say: whichOne });
    return (results) => forget(noteKey(found.replace(/^(?:i|we) (?:said|told you) /i, "")), results);
  },
};

const oneByOne =
  'I forget one note at a time, so that nothing is lost by accident: say "forget" and its name.';
const whichOne = 'Which note? Say "forget" and its name; "notes" shows them all.';

function forget(subject: string, results: readonly ToolAnswer[]): Move {
  const list = answerOf(results, "memory_list");
  if (list === undefined) {
    const search = { name: "memory_search", input: { query: subject, limit: 5 } };
    return { use: [{ name: "memory_list", input: {} }, search] };
  }
  const found = notesIn(answerOf(results, "memory_search")).map((note) => note.key);
  const matches = textsIn(field(list, "keys")).includes(subject) ? [subject] : found;
  const done = answerOf(results, "memory_forget");
  if (done !== undefined)
    return {
      say:
        field(done, "forgotten") === true ? `Forgotten: ${matches[0] ?? subject}.` : "It was gone already.",
    };
  const [only, ...others] = matches;
  if (only === undefined) return { say: `I have no note about "${subject}".` };
  if (others.length === 0) return { use: [{ name: "memory_forget", input: { key: only } }] };
  return { say: `Which one? ${matches.map((key) => `"forget ${key}"`).join(", or ")}` };
}

function notesIn(answer: ToolAnswer | undefined): { key: string; value: string }[] {
  const notes = field(answer, "notes");
  if (!Array.isArray(notes)) return [];
  return notes.filter(isRecord).map((note) => ({ key: textIn(note["key"]), value: textIn(note["value"]) }));
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}
