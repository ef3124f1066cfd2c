import type { HookContext } from "./context.ts";
import { evaluate, readExpression } from "./expression.ts";

/** Longest text a template becomes, in characters: a short one may name a long value many times. */
export const maxRenderedChars = 262_144;

/** What stands at the end of a text that was cut there. */
export const cutMark = " … [cut]";

export type Rendered =
  | { readonly ok: true; readonly text: string }
  /** The expression that cannot be read. */
  | { readonly ok: false; readonly expression: string };

/**
 * Fills in a template in one pass: what is filled in is never read as a template again, and goes in as it is
 * (http.md §8.4 *Better*). Pure.
 */
export function render(template: string, context: HookContext): Rendered {
  let text = "";
  let at = 0;
  while (text.length <= maxRenderedChars) {
    const open = template.indexOf("{{", at);
    const close = open < 0 ? -1 : template.indexOf("}}", open);
    if (close < 0) return { ok: true, text: cut(text + template.slice(at)) };
    const expression = template.slice(open + 2, close);
    const read = readExpression(expression);
    if (read === undefined) return { ok: false, expression: expression.trim().slice(0, 80) };
    text += template.slice(at, open) + evaluate(read, context);
    at = close + 2;
  }
  return { ok: true, text: cut(text) };
}

/** Never in the middle of a character. */
function cut(text: string): string {
  if (text.length <= maxRenderedChars) return text;
  return text.slice(0, maxRenderedChars - cutMark.length).replace(/[\ud800-\udbff]$/, "") + cutMark;
}
