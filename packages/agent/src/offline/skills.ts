import { arithmeticSkill } from "./arithmetic-skill.ts";
import { clockSkill } from "./clock-skill.ts";
import { forgetSkill, recallAllSkill, recallSkill, rememberSkill } from "./notes-skills.ts";
import { plainText } from "./plain-text.ts";
import type { Plan, Skill } from "./question.ts";
import { searchSkill } from "./search-skill.ts";
import { statusSkill } from "./status-skill.ts";
import { addModelSkill, byeSkill, greetingSkill, helpSkill, thanksSkill, whoSkill } from "./talk-skills.ts";
import { unknownText } from "./texts.ts";

/** In order: the first that understands a text takes it. */
const skills: readonly Skill[] = [
  greetingSkill,
  helpSkill,
  whoSkill,
  statusSkill,
  clockSkill,
  arithmeticSkill,
  recallAllSkill,
  rememberSkill,
  forgetSkill,
  searchSkill,
  addModelSkill,
  recallSkill,
  thanksSkill,
  byeSkill,
];

/** Nothing we understand is longer; the patterns need not be tried on a whole book. */
const maxQuestionChars = 2000;

/** Pure. The plan for a question; for one that nobody understands, a plain sentence that says so. */
export function planFor(question: string): Plan {
  if (question.length > maxQuestionChars) return () => ({ say: unknownText });
  const text = plainText(question);
  for (const skill of skills) {
    const plan = skill.understand(text);
    if (plan !== undefined) return plan;
  }
  return () => ({ say: unknownText });
}
