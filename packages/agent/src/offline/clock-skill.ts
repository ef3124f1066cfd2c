import { answerOf, field, type Move, type Skill, type ToolAnswer } from "./question.ts";
import { zoneOf } from "./zones.ts";

const asksTime =
  /^(?:do you (?:know|have) )?(?:(?:what(?:'s| is)?|say|show|give me)? ?(?:the )?(?:current |exact |local )?(?:time|date|day)(?: is it| of day)?|(?:what|which) (?:day|date) is (?:it|today)|(?:what(?:'s| is) )?today(?:'?s date)?|(?:what|which) (?:year|month|week ?day) (?:is it|do we have))(?: (?:is it|it is|right now|now|today|please))*(?: (?:in|at|for) (?<place>.+?))?(?: (?:right now|now|today))?$/i;

/** "What time is it in Tokyo?" */
export const clockSkill: Skill = {
  understand(text) {
    const found = asksTime.exec(text);
    if (found === null) return undefined;
    const place = found.groups?.["place"];
    if (place === undefined) return (results) => tell(results, undefined, {});
    const timezone = zoneOf(place) ?? zoneOf(place.split(",")[0] ?? "");
    const unknown = `I do not know the time zone of "${place}". Name a bigger city near it, or an IANA zone such as Asia/Tokyo.`;
    return timezone === undefined
      ? () => ({ say: unknown })
      : (results) => tell(results, place, { timezone });
  },
};

function tell(results: readonly ToolAnswer[], place: string | undefined, input: { timezone?: string }): Move {
  const told = answerOf(results, "current_time");
  if (told === undefined) return { use: [{ name: "current_time", input }] };
  const [local, weekday, zone] = [field(told, "local"), field(told, "weekday"), field(told, "timezone")].map(
    String,
  );
  const found = /^(\d+)-(\d+)-(\d+)T(\d+:\d+):\d+(.*)$/.exec(local ?? "");
  if (found === null) return { say: "The clock gave no answer that I can read." };
  const [, year, month, day, time, offset] = found;
  const date = `${weekday}, ${Number(day)} ${months[Number(month) - 1]} ${year}`;
  const where = place === undefined ? "here" : `in ${titled(place)}`;
  const name = zone === "UTC" ? "UTC" : `${zone}, UTC${offset}`;
  return { say: `It is ${time} on ${date} ${where} (${name}).` };
}

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function titled(place: string): string {
  return place.replace(
    /(^|[\s/_-])(\p{Ll})/gu,
    (_whole, before: string, letter: string) => before + letter.toUpperCase(),
  );
}
