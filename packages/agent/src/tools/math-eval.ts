import { z } from "zod";
import { answer, defineTool, failure, steered } from "./define-tool.ts";
import { evaluate } from "./math-expression.ts";

/** A calculator (agent.md §9.2). */
export const mathEval = defineTool({
  name: "math_eval",
  description:
    "Computes an arithmetic expression of numbers, + - * / % (modulo), ^ (power, right-associative) and parentheses. " +
    "A sign binds tighter than ^: write -(2^2) for minus four.",
  effect: "read",
  params: z.strictObject({ expression: z.string().min(1).max(1024) }),
  run({ expression }, context) {
    const origin = steered(context, "math_eval");
    const result = evaluate(expression);
    return result.ok ? answer({ result: result.value }, origin) : failure(result.say, origin);
  },
});
