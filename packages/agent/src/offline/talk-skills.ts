import type { Skill } from "./question.ts";
import { addModelText, byeText, greetingText, helpText, thanksText, whoText } from "./texts.ts";

/** Questions with a fixed answer: no tool is needed. */
function saying(pattern: RegExp, say: string): Skill {
  return { understand: (text) => (pattern.test(text) ? () => ({ say }) : undefined) };
}

export const greetingSkill = saying(
  /^(?:hi|hello|hey|hallo|moin|servus|greetings|good (?:morning|afternoon|evening|day))(?: there| carapace| again| everyone| all)?$/i,
  greetingText,
);
export const thanksSkill = saying(
  /^(?:thanks|thank you|thx|ty|cheers|danke|great|nice|cool|perfect|well done)\b(?! .*\?)/i,
  thanksText,
);
export const byeSkill = saying(/^(?:bye|goodbye|good night|see you|see ya|cu|ciao|tschüss)\b/i, byeText);
export const helpSkill = saying(
  /^(?:help(?: me)?|\/?help|what (?:can|do|could) (?:you|i) (?:do|ask|understand|say)(?: (?:you|for me|here))*|what are you able to do|how do you work|commands|how can you help(?: me)?|(?:what|which) (?:tools|skills|commands) (?:do you have|are there)|\?+)$/i,
  helpText,
);
export const whoSkill = saying(
  /^(?:who|what) (?:are|r) you(?: exactly| really)?$|^what(?:'s| is) your (?:name|model)$|^(?:what|which) (?:model|llm|ai) (?:are you|is this|do you (?:use|run))(?: on| using)?$|^are you (?:an? )?(?:\w+ )?(?:ai|llm|bot|robot|human|person|chatgpt|claude|language model|real)\b/i,
  whoText,
);
export const addModelSkill = saying(
  /\b(?:add|set ?up|setup|connect|configure|use|enable|switch|change|install|get|need|plug in)\b.*\b(?:models?|llms?|anthropic|claude|openai|gpt|chatgpt|ollama|providers?|api ?keys?)\b|^(?:add|set|enter) (?:a |an |my |the )?key$/i,
  addModelText,
);
