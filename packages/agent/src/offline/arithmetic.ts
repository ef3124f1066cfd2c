const lead =
  /^(?:what(?:'s| is| are)|how much (?:is|are|does|makes?)|calc(?:ulate)?|compute|work out|evaluate|solve|eval)\s*:?\s+/i;

const numbers =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty".split(
    " ",
  );
const numberWord = new RegExp(`\\b(?:${numbers.join("|")})\\b`, "gi");

const words: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d),(?=\d{3}(?!\d))/g, ""],
  [/(\d+(?:\.\d+)?)\s*(?:%|percent) (?:of|tip on)\b/gi, "$1/100*"],
  [/\b(?:the )?half of\b/gi, "1/2*"],
  [/(?:\b(?:the )?(?:square root of|sqrt(?: of)?)|√)\s*(\d+(?:\.\d+)?|\([^()]*\))/gi, "($1)^0.5"],
  [/\bplus\b|\badded to\b/gi, "+"],
  [/\bminus\b|\bless\b|[−–]/gi, "-"],
  [/\btimes\b|\bmultiplied (?:by|with)\b|[×·]/gi, "*"],
  [/(?<=[\d)])\s*x\s*(?=[\d(.-])/gi, "*"],
  [/\bdivided by\b|\bover\b|[÷:]/gi, "/"],
  [/\bmod(?:ulo)?\b/gi, "%"],
  [/\b(?:to the power(?: of)?|raised to)\b|\*\*/gi, "^"],
  [/\bsquared\b/gi, "^2"],
  [/\bcubed\b/gi, "^3"],
];

/**
 * Pure. The expression in a question such as "what is 17% of 230", for `math_eval`; undefined if it is none: only
 * digits and operators may be left, and at least one operator.
 */
export function expressionIn(text: string): string | undefined {
  let rest = withoutLead(text).replace(numberWord, (word) => String(numbers.indexOf(word.toLowerCase())));
  for (const [pattern, sign] of words) rest = rest.replace(pattern, sign);
  const expression = rest.replace(/\s+/g, " ").trim();
  const isArithmetic =
    /^[\d\s.+\-*/%^()eE]+$/.test(expression) && /\d/.test(expression) && !/[eE](?![+-]?\d)/.test(expression);
  // A date or a telephone number is no sum.
  if (!isArithmetic || /^\d{4}-\d{1,2}-\d{1,2}$|^\+\d/.test(expression)) return undefined;
  return /[\d)]\s*[-+*/%^]/.test(expression) ? expression : undefined;
}

/** Pure. The question without "what is" before and "equal to" behind. */
export function withoutLead(text: string): string {
  return text.replace(lead, "").replace(/\s*(?:=|\bequals?(?: to)?)$/i, "");
}
