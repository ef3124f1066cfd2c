import { type Result, refuse } from "@carapace/protocol";

const maxDepth = 128;

/**
 * Pure. The value of an arithmetic expression (agent.md §9.2): `+ - * / %`, right-associative `^`, unary plus and minus
 * which bind tighter than `^`, parentheses up to 128 deep. So `-2^2` is 4 and `2^3^2` is 512.
 * @param expression At most a few thousand characters: signs in a row are read by recursion.
 * @returns a refusal for anything else: division by zero, results that are not finite, other characters.
 */
export function evaluate(expression: string): Result<number> {
  try {
    const reader = new Reader(expression);
    const value = reader.expression(0);
    reader.expectEnd();
    if (!Number.isFinite(value)) return refuse("invalid_request", "The result is not a finite number.");
    return { ok: true, value: value === 0 ? 0 : value };
  } catch (problem) {
    if (problem instanceof MathProblem) return refuse("invalid_request", problem.message);
    throw problem;
  }
}

class MathProblem extends Error {}

interface Operator {
  readonly power: number;
  readonly isRightAssociative?: boolean;
  apply(left: number, right: number): number;
}

const operators: Readonly<Record<string, Operator>> = {
  "+": { power: 1, apply: (left, right) => left + right },
  "-": { power: 1, apply: (left, right) => left - right },
  "*": { power: 2, apply: (left, right) => left * right },
  "/": { power: 2, apply: (left, right) => left / nonZero(right, "Division") },
  "%": { power: 2, apply: (left, right) => left % nonZero(right, "Modulo") },
  "^": { power: 3, isRightAssociative: true, apply: (left, right) => left ** right },
};

function nonZero(value: number, what: string): number {
  if (value === 0) throw new MathProblem(`${what} by zero.`);
  return value;
}

/** A Pratt parser that computes as it reads. */
class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  expression(minPower: number): number {
    let left = this.#operand();
    for (;;) {
      const operator = operators[this.#peek()];
      if (operator === undefined || operator.power < minPower) return left;
      this.#at += 1;
      const rightPower = operator.isRightAssociative === true ? operator.power : operator.power + 1;
      left = finite(operator.apply(left, this.expression(rightPower)));
    }
  }

  expectEnd(): void {
    const rest = this.#peek();
    if (rest !== "") throw new MathProblem(`"${rest}" is not expected at position ${this.#at + 1}.`);
  }

  #operand(): number {
    const next = this.#peek();
    if (next === "-" || next === "+") {
      this.#at += 1;
      const value = this.#operand();
      return next === "-" ? -value : value;
    }
    if (next !== "(") return this.#number();
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new MathProblem(`Parentheses are nested more than ${maxDepth} deep.`);
    const value = this.expression(0);
    if (this.#peek() !== ")") throw new MathProblem("A closing parenthesis is missing.");
    this.#at += 1;
    this.#depth -= 1;
    return value;
  }

  #number(): number {
    this.#peek();
    const found = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/.exec(this.#text.slice(this.#at));
    if (found === null) {
      const next = this.#peek();
      throw new MathProblem(next === "" ? "The expression ends too early." : `"${next}" is not a number.`);
    }
    this.#at += found[0].length;
    return finite(Number(found[0]));
  }

  /** The next character that is not a blank, or "" at the end. */
  #peek(): string {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text[this.#at] ?? "";
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new MathProblem("The result is not a finite number.");
  return value;
}
