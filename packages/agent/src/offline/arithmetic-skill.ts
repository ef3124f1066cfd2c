import { expressionIn, withoutLead } from "./arithmetic.ts";
import { answerOf, field, type Skill } from "./question.ts";

/** "What is 6*7?" */
export const arithmeticSkill: Skill = {
  understand(text) {
    const expression = expressionIn(text);
    if (expression === undefined) return undefined;
    return (results) => {
      const told = answerOf(results, "math_eval");
      if (told === undefined) return { use: [{ name: "math_eval", input: { expression } }] };
      return { say: `${withoutLead(text)} = ${tidy(field(told, "result"))}` };
    };
  },
};

/** Twelve digits: enough for a person, and without the noise of binary fractions. */
function tidy(result: unknown): string {
  return typeof result === "number" ? String(Number(result.toPrecision(12))) : String(result);
}
